namespace Microblog.Contacts;

/// <summary>A format in which people take along whom they follow.</summary>
/// <param name="Extension">Of the file's name.</param>
/// <param name="MediaType">As it is served.</param>
/// <param name="Open">Begins a list of what a person follows.</param>
internal sealed record ContactFormat(string Extension, string MediaType, Func<Stream, Profile, NodeAddresses, ContactWriter> Open)
{
    public static IReadOnlyList<ContactFormat> All { get; } =
    [
        new("csv", "text/csv; charset=utf-8; header=present", (stream, _, addresses) => new CsvWriter(stream, addresses)),
        new("opml", "text/x-opml; charset=utf-8", (stream, person, addresses) => new OpmlWriter(stream, person, addresses)),
        new("vcf", "text/vcard; charset=utf-8", (stream, _, addresses) => new VCardWriter(stream, addresses)),
        new("rdf", "application/rdf+xml; charset=utf-8", (stream, person, addresses) => new FoafWriter(stream, person, addresses)),
    ];
}
