using System.Globalization;
using System.Text;
using System.Xml;

namespace Microblog.Testing.Conformance.Output;

/// <summary>The report as JUnit XML, which continuous integration systems read: a test suite for each group of clauses, a test case for each result.</summary>
/// <remarks>Not reached and not observable are "skipped", with the reason. A failed SHOULD or MAY is skipped as well, for it shall not
/// break a build, and its text stands in <c>system-out</c>; the suite <c>run</c> fails when the kit could not run.</remarks>
public static class JUnitXml
{
    /// <summary>Writes the file.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="output">Stays open.</param>
    public static void Write(ConformanceReport report, Stream output)
    {
        using var xml = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, CheckCharacters = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", "OpenMicroBlogging 0.1 conformance of " + report.Profile.AbsoluteUri);
        Totals(xml, report.Results, report.Problem.Length > 0 ? 1 : 0);
        xml.WriteAttributeString("time", report.Duration.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture));
        foreach (var group in report.Results.GroupBy(r => r.Clause.Group))
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", group.Key);
            Totals(xml, [.. group], 0);
            foreach (var result in group)
                Case(xml, result);
            xml.WriteEndElement();
        }

        if (report.Problem.Length > 0)
            NotRun(xml, report.Problem);
        xml.WriteEndElement();
    }

    private static void Totals(XmlWriter xml, IReadOnlyList<ClauseResult> results, int errors)
    {
        var failures = results.Count(IsFailure);
        xml.WriteAttributeString("tests", (results.Count + errors).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", failures.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("errors", errors.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("skipped", results.Count(r => r.Verdict != Verdict.Holds && !IsFailure(r)).ToString(CultureInfo.InvariantCulture));
    }

    private static bool IsFailure(ClauseResult result) => result is { Verdict: Verdict.Failed, Level: ClauseLevel.Must };

    private static void Case(XmlWriter xml, ClauseResult result)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", $"{result.Clause.Group}.{result.Level.ToString().ToUpperInvariant()}");
        xml.WriteAttributeString("name", $"{result.Title} {result.Clause.Text}");
        if (IsFailure(result))
            Element(xml, "failure", result.Clause.Text, FailureText.Of(result));
        else if (result.Verdict != Verdict.Holds)
            Element(xml, "skipped", result.Failure is null ? FailureText.Reason(result) : FailureText.Line(result), "");
        if (result is { Verdict: Verdict.Failed, Level: not ClauseLevel.Must })
            xml.WriteElementString("system-out", FailureText.Of(result));
        xml.WriteEndElement();
    }

    private static void NotRun(XmlWriter xml, string problem)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", "run");
        Totals(xml, [], 1);
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", "run");
        xml.WriteAttributeString("name", "The service can be reached.");
        Element(xml, "error", problem, "");
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string message, string text)
    {
        xml.WriteStartElement(name);
        xml.WriteAttributeString("message", Shown.Line(message));
        xml.WriteString(text);
        xml.WriteEndElement();
    }
}
