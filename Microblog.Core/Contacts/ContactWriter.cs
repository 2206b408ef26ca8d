using System.Text;
using System.Xml;
using Microblog.Feeds;

namespace Microblog.Contacts;

/// <summary>Writes a list of people, one after the other. Disposing it writes the list's end, and leaves the stream open.</summary>
internal abstract class ContactWriter : IDisposable
{
    /// <summary>UTF-8 without a byte order mark.</summary>
    protected static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>How XML is written.</summary>
    protected static readonly XmlWriterSettings Xml = new() { Encoding = Utf8, Indent = true, CloseOutput = false };

    /// <summary>A name as one line; joiners inside of it stay, for some scripts need them.</summary>
    protected static string LineOf(string name) => FeedXml.Clean(string.Concat(name.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c))).Trim();

    public abstract void Add(Profile person);

    /// <summary>Has all that was added written into the stream.</summary>
    public abstract void Flush();

    public abstract void Dispose();
}
