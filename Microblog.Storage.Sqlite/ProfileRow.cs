using Microblog.Moderation;

namespace Microblog.Storage.Sqlite;

/// <summary>A profile in columns.</summary>
internal static class ProfileRow
{
    public const string Columns =
        "p.id, p.nickname, p.url, p.host, p.full_name, p.bio, p.location, p.homepage, p.avatar_url, p.license, "
        + "p.approves_followers, p.is_deleted, p.fetched_at, p.uri, p.scope, p.is_local, p.standing";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 17;

    /// <summary>Binds the columns that may change, 1 to 13.</summary>
    public static SqliteStatement Bind(SqliteStatement statement, Profile profile) => statement
        .Bind(1, profile.Id.Value)
        .Bind(2, profile.Nickname)
        .Bind(3, profile.Url)
        .Bind(4, profile.Host)
        .Bind(5, profile.FullName)
        .Bind(6, profile.Bio)
        .Bind(7, profile.Location)
        .Bind(8, profile.Homepage)
        .Bind(9, profile.AvatarUrl)
        .Bind(10, profile.License)
        .Bind(11, profile.ApprovesFollowers)
        .Bind(12, profile.IsDeleted)
        .Bind(13, profile.FetchedAt);

    public static Profile Read(SqliteStatement row, int first) => new()
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
