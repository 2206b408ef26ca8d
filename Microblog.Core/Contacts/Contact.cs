using Microblog.Text;

namespace Microblog.Contacts;

/// <summary>Somebody in a list that a person brings along.</summary>
/// <param name="Name">What the list calls them, on one line; empty when it does not.</param>
/// <param name="Addresses">Where they may be found, as <see cref="ContactAddress"/> reads them, the likeliest first; at least one.</param>
internal sealed record Contact(string Name, IReadOnlyList<string> Addresses)
{
    private const int MaxName = 100;
    private const int MaxAddresses = 8;

    /// <summary>Takes what of an entry leads to somebody; <see langword="null"/> when nothing does.</summary>
    public static Contact? Of(string? name, params IEnumerable<string?> addresses)
    {
        var found = new List<string>();
        foreach (var text in addresses)
        {
            if (found.Count < MaxAddresses && ContactAddress.TryParse(text, out var address) && !found.Contains(address))
                found.Add(address);
        }

        return found.Count == 0 ? null : new Contact(OneLine.Of(name ?? "", MaxName), found);
    }
}
