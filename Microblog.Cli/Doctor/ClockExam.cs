using System.Globalization;
using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>Compares three clocks: ours, the node's, and that of whoever answers for it.</summary>
internal static class ClockExam
{
    public const string Question = "the clock";

    // Peers tolerate five minutes (Q61); an answer takes a while and names whole seconds.
    private static readonly TimeSpan Refused = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(30);

    /// <param name="probe">The node's own time.</param>
    /// <param name="answer">The answer's Date.</param>
    /// <param name="now">Ours, when the answer was there.</param>
    public static Diagnosis Examine(Probe probe, RemoteResult.Answered answer, DateTimeOffset now)
    {
        if (probe.Clock is not { } node)
            return new Diagnosis(Question, Verdict.NotJudged, "The node does not tell its time.");
        var away = node - now;
        if (away.Duration() < Noticeable)
            return Diagnosis.Good(Question, "The node's agrees with ours.");
        var seen = $"The node's is {Seconds(away)} seconds {(away > TimeSpan.Zero ? "ahead of" : "behind")} ours.";
        // Two against one, where the one that answers is another machine.
        return new Diagnosis(
            Question,
            away.Duration() < Refused ? Verdict.Warning : Verdict.Failure,
            seen + (answer.Date is { } date && (date - now).Duration() < Noticeable ? " The Date of the answer agrees with ours, so it is the node's that is wrong." : ""),
            "Set the clock of the node's machine by NTP (timedatectl set-ntp true), unless it is that of this one. Beyond five minutes other services refuse its signatures, and it theirs.");
    }

    private static string Seconds(TimeSpan span) => span.Duration().TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
}
