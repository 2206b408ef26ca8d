using System.Globalization;
using System.Text;
using System.Xml;

namespace Microblog.TwitterApi.Wire;

/// <summary>The original XML of Twitter: null is an empty element, and names that begin with <c>statusnet_</c> have a namespace.</summary>
internal sealed class XmlApiWriter : ApiWriter
{
    private const string StatusNet = "http://status.net/schema/api/1/";

    private static readonly XmlWriterSettings Settings = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), CheckCharacters = true };

    private readonly MemoryStream buffer = new(16 * 1024);
    private readonly XmlWriter xml;
    private bool hasRoot;

    public XmlApiWriter() => xml = XmlWriter.Create(buffer, Settings);

    public override void StartObject(string name) => Start(name);

    public override void EndObject() => xml.WriteEndElement();

    public override void StartList(string name)
    {
        Start(name);
        xml.WriteAttributeString("type", "array");
    }

    public override void EndList() => xml.WriteEndElement();

    public override void Write(string name, string? value)
    {
        Start(name);
        if (!string.IsNullOrEmpty(value))
            xml.WriteString(Clean(value));
        xml.WriteEndElement();
    }

    public override void Write(string name, long value) => Write(name, value.ToString(CultureInfo.InvariantCulture));

    public override void Write(string name, double value) => Write(name, value.ToString("R", CultureInfo.InvariantCulture));

    public override void Write(string name, bool value) => Write(name, value ? "true" : "false");

    /// <summary>Writes an attribute of the element that was begun last.</summary>
    public void WriteAttribute(string name, string value) => xml.WriteAttributeString(name, Clean(value));

    /// <summary>Writes text into the element that was begun last.</summary>
    public void WriteText(string value) => xml.WriteString(Clean(value));

    public override ReadOnlyMemory<byte> Finish()
    {
        xml.Flush();
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    public override void Dispose()
    {
        xml.Dispose();
        buffer.Dispose();
    }

    /// <summary>The text without what XML 1.0 cannot hold. Half a character cannot be stored, so none comes here.</summary>
    public static string Clean(string text)
    {
        foreach (var c in text)
        {
            if (!XmlConvert.IsXmlChar(c) && !char.IsSurrogate(c))
                return string.Concat(text.Where(one => XmlConvert.IsXmlChar(one) || char.IsSurrogate(one)));
        }

        return text;
    }

    private void Start(string name)
    {
        if (name.StartsWith("statusnet", StringComparison.Ordinal) && name.Length > 10 && name[9] is '_' or ':')
            xml.WriteStartElement("statusnet", name[10..], StatusNet);
        else
            xml.WriteStartElement(name);
        if (hasRoot)
            return;
        hasRoot = true;
        xml.WriteAttributeString("xmlns", "statusnet", null, StatusNet);
    }
}
