namespace Microblog.Contacts;

/// <summary>Writes what Mastodon calls <c>following_accounts.csv</c>, with a column more, which Mastodon passes over: on many services nobody is found by
/// <c>nick@host</c> alone.</summary>
internal sealed class CsvWriter : ContactWriter
{
    private readonly NodeAddresses addresses;
    private readonly StreamWriter writer;

    public CsvWriter(Stream stream, NodeAddresses addresses)
    {
        this.addresses = addresses;
        writer = new StreamWriter(stream, Utf8, leaveOpen: true);
        CsvContacts.WriteRow(writer, "Account address", "Show boosts", "Notify on new posts", "Languages", "Profile page");
    }

    public override void Add(Profile person) => CsvContacts.WriteRow(writer, AccountOf(person), "true", "false", "", person.Url);

    public override void Flush() => writer.Flush();

    public override void Dispose() => writer.Dispose();

    // A remote nickname is whatever its server says: "=1+1" would be a formula in a spreadsheet, and "a b" an address nowhere.
    private string AccountOf(Profile person)
    {
        var address = person.IsLocal ? $"{person.Nickname}@{addresses.Host}" : person.Address;
        return char.IsLetterOrDigit(address[0]) && ContactAddress.TryParse(address, out _) ? address : person.Url;
    }
}
