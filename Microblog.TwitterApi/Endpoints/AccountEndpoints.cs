using System.Globalization;
using Microblog.Feeds;
using Microblog.TwitterApi.Access;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>The reader themselves (§8.7).</summary>
internal sealed class AccountEndpoints(MicroblogNode node, UserPages pages, CallerLimits limits) : IApiEndpoints
{
    // Clients ask for these by name; all methods share one count.
    private static readonly string[] Families = ["statuses", "users", "friendships", "favorites", "direct_messages", "account", "search", "application"];

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("account/verify_credentials", ApiFormats.Object, ApiAccess.Person, (call, ct) => pages.AnswerAsync(call, call.Reader, ct)) { Bare = ApiFormats.Json },
        new("account/rate_limit_status", ApiFormats.Object, ApiAccess.Anyone, (call, _) => new(AnswerLimit(call))) { IsAlwaysNew = true },
        new("application/rate_limit_status", ApiFormats.Object, ApiAccess.Anyone, (call, _) => new(AnswerLimits(call))) { IsAlwaysNew = true },
        new("account/update_profile", ApiFormats.Object, ApiAccess.Write, UpdateAsync),
        new("account/update_profile_image", ApiFormats.Object, ApiAccess.Write, UpdatePictureAsync) { TakesFile = true },
    ];

    private ApiResult AnswerLimit(ApiCall call)
    {
        var allowance = limits.Look(call.Caller, call.Request);
        var (remaining, limit) = allowance.Limit == 0 ? (int.MaxValue, int.MaxValue) : (allowance.Remaining, allowance.Limit);
        return call.Answer(writer =>
        {
            writer.StartObject("hash");
            if (writer is XmlApiWriter xml)
            {
                Typed(xml, "remaining-hits", "integer", remaining.ToString(CultureInfo.InvariantCulture));
                Typed(xml, "hourly-limit", "integer", limit.ToString(CultureInfo.InvariantCulture));
                Typed(xml, "reset_time_in_seconds", "integer", allowance.ResetsAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
                Typed(xml, "reset-time", "datetime", allowance.ResetsAt.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
            }
            else
            {
                writer.Write("remaining_hits", remaining);
                writer.Write("hourly_limit", limit);
                writer.Write("reset_time_in_seconds", allowance.ResetsAt.ToUnixTimeSeconds());
                writer.Write("reset_time", FeedXml.Rfc822(allowance.ResetsAt));
            }

            writer.EndObject();
        });
    }

    private static void Typed(XmlApiWriter xml, string name, string type, string value)
    {
        xml.StartObject(name);
        xml.WriteAttribute("type", type);
        xml.WriteText(value);
        xml.EndObject();
    }

    private ApiResult AnswerLimits(ApiCall call)
    {
        var allowance = limits.Look(call.Caller, call.Request);
        var (remaining, limit) = allowance.Limit == 0 ? (int.MaxValue, int.MaxValue) : (allowance.Remaining, allowance.Limit);
        return call.Answer(writer =>
        {
            writer.StartObject("hash");
            writer.StartObject("resources");
            foreach (var family in Families)
            {
                writer.StartObject(family);
                foreach (var path in call.Map.Endpoints.Select(endpoint => endpoint.Path).Where(path => path.StartsWith(family + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
                {
                    writer.StartObject(writer is XmlApiWriter ? path[(family.Length + 1)..].Replace('/', '-') : "/" + path);
                    writer.Write("limit", limit);
                    writer.Write("remaining", remaining);
                    writer.Write("reset", allowance.ResetsAt.ToUnixTimeSeconds());
                    writer.EndObject();
                }

                writer.EndObject();
            }

            writer.EndObject();
            writer.EndObject();
        });
    }

    // What is absent stays; what is there and empty is cleared.
    private async ValueTask<ApiResult> UpdateAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var changed = await node.UpdateProfileAsync(
            call.Reader,
            new ProfileChanges
            {
                FullName = Value("name"),
                Homepage = Value("url"),
                Location = Value("location"),
                Bio = Value("description"),
            },
            cancellationToken).ConfigureAwait(false);
        return changed.Problem is { } problem ? ApiRefusal.Forbidden(problem) : await pages.AnswerAsync(call, call.Reader, cancellationToken).ConfigureAwait(false);

        string? Value(string name) => call.Parameters.Has(name) ? call.Parameters[name].Trim() : null;
    }

    private async ValueTask<ApiResult> UpdatePictureAsync(ApiCall call, CancellationToken cancellationToken)
    {
        if (call.File is not { } picture)
            return ApiRefusal.Bad("The file image is missing.");
        var changed = await node.UpdateProfileAsync(call.Reader, new ProfileChanges { Picture = picture }, cancellationToken).ConfigureAwait(false);
        return changed.Problem is { } problem ? ApiRefusal.Bad(problem) : await pages.AnswerAsync(call, call.Reader, cancellationToken).ConfigureAwait(false);
    }
}
