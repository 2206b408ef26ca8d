using Microblog.Omb.OAuth;

namespace Microblog.Samples.OAuthProvider;

internal static partial class ProviderLog
{
    /// <summary>The detail stays here: the sender learns the problem only.</summary>
    public static void Refused(this ILogger logger, OAuthRefusal refusal) => logger.Refused(refusal.Problem, refusal.LogDetail);

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Refused: {Problem} ({Detail})")]
    private static partial void Refused(this ILogger logger, OAuthProblem problem, string detail);
}
