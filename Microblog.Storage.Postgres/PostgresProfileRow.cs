using Microblog.Moderation;

namespace Microblog.Storage.Postgres;

/// <summary>A profile in columns.</summary>
internal static class PostgresProfileRow
{
    public const string Columns =
        "p.id, p.nickname, p.url, p.host, p.full_name, p.bio, p.location, p.homepage, p.avatar_url, p.license, "
        + "p.approves_followers, p.is_deleted, p.fetched_at, p.uri, p.scope, p.is_local, p.standing";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 17;

    /// <summary>Binds the columns that may change, <c>$1</c> to <c>$13</c>.</summary>
    public static PostgresCommand Bind(PostgresCommand command, Profile profile) => command
        .Bind(profile.Id.Value)
        .Bind(profile.Nickname)
        .Bind(profile.Url)
        .Bind(profile.Host)
        .Bind(profile.FullName)
        .Bind(profile.Bio)
        .Bind(profile.Location)
        .Bind(profile.Homepage)
        .Bind(profile.AvatarUrl)
        .Bind(profile.License)
        .Bind(profile.ApprovesFollowers)
        .Bind(profile.IsDeleted)
        .Bind(profile.FetchedAt);

    public static Profile Read(PostgresRow row, int first) => new()
    {
        Id = new ProfileId(row.Int64(first)),
        Nickname = row.Text(first + 1),
        Url = row.Text(first + 2),
        Host = row.Text(first + 3),
        FullName = row.Text(first + 4),
        Bio = row.Text(first + 5),
        Location = row.Text(first + 6),
        Homepage = row.Text(first + 7),
        AvatarUrl = row.Text(first + 8),
        License = row.Text(first + 9),
        ApprovesFollowers = row.Bool(first + 10),
        IsDeleted = row.Bool(first + 11),
        FetchedAt = row.TimeOrNull(first + 12),
        Uri = ProfileUri.Parse(row.Text(first + 13)),
        Scope = new SubscriptionId(row.Int64(first + 14)),
        IsLocal = row.Bool(first + 15),
        Standing = (Standing)row.Int32(first + 16),
    };
}
