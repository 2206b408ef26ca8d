using System.Text;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Output;

/// <summary>A result as plain text: what a terminal and a JUnit file say. Peers' bytes are escaped.</summary>
public static class FailureText
{
    private const int MostExchanges = 4;

    /// <summary>One line: the clause, after why there is no verdict about it where there is none.</summary>
    public static string Line(ClauseResult result) => result.Verdict is Verdict.Holds or Verdict.Failed ? Clause(result) : $"{Reason(result)}. {Clause(result)}";

    /// <summary>The clause's number and text.</summary>
    public static string Clause(ClauseResult result) => $"{result.Title}: {result.Clause.Text}";

    /// <summary>Why there is no verdict about it, the same for all that share a reason; empty when there is one.</summary>
    public static string Reason(ClauseResult result) => result.Verdict switch
    {
        Verdict.NotReached => "not reached: " + Shown.Line(result.Reason),
        Verdict.NotObservable => "not observable: " + Shown.Line(result.Reason),
        _ => "",
    };

    /// <summary>Everything about a failure: expected, what to change, what went over the wire.</summary>
    /// <exception cref="ArgumentException">The result is no failure.</exception>
    public static string Of(ClauseResult result)
    {
        var failure = result.Failure ?? throw new ArgumentException("This result is no failure.", nameof(result));
        var text = new StringBuilder()
            .Append("Expected: ").Append(Shown.Line(failure.Expected)).Append('\n')
            .Append("Change:   ").Append(Shown.Line(failure.Remedy)).Append('\n');
        foreach (var exchange in failure.Exchanges.TakeLast(MostExchanges))
        {
            var isOurs = exchange.Peer.StartsWith("http", StringComparison.Ordinal);
            text.Append('\n').Append(isOurs ? "Sent to " : "Came ").Append(Shown.Line(exchange.Peer.Split('?')[0])).Append(":\n")
                .Append(Indent(isOurs ? exchange.Sent : exchange.Received))
                .Append(isOurs ? "Came back:\n" : "Answered:\n")
                .Append(Indent(isOurs ? exchange.Received : exchange.Sent));
            if (exchange.Signed.Length > 0)
                text.Append("The kit signed, with HMAC over the base string:\n    ").Append(exchange.Signed.Replace("\n", "\n    ", StringComparison.Ordinal)).Append('\n');
        }

        return text.ToString();
    }

    private static string Indent(byte[] bytes)
    {
        if (bytes.Length == 0)
            return "    (nothing)\n";
        var more = bytes.Length == WireExchange.MaxBytes ? "\n    (and more)" : "";
        return "    " + WireExchange.Show(bytes).TrimEnd('\n').Replace("\n", "\n    ", StringComparison.Ordinal) + more + "\n";
    }
}
