using Microblog.Moderation;

namespace Microblog.People;

/// <summary>Says in words why somebody may not do anything here.</summary>
internal static class Presence
{
    public static string ObjectionTo(Profile? person) => person is { IsLocal: true, IsDeleted: false, Standing: Standing.Suspended }
        ? "Your account is suspended here. You can still read, take your data along, and leave."
        : "There is no such profile.";
}
