using System.Text;
using Microblog.Omb.OAuth;

namespace Microblog.Omb;

/// <summary>A few named texts in one, as the store keeps them for us: a form, like everything else in this protocol.</summary>
internal static class KeptForm
{
    /// <summary>Writes the values that are there.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, string?>> values) =>
        WireForm.Encode(values.Where(v => v.Value is not null).Select(v => new KeyValuePair<string, string>(v.Key, v.Value!)));

    /// <summary>Reads them again, by name; <see langword="null"/> for what was not there.</summary>
    public static Func<string, string?> Read(string text)
    {
        var find = FormReader.Read(Encoding.UTF8.GetBytes(text));
        return name => find!(name).Text;
    }
}
