using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Writes groups.</summary>
internal sealed class GroupObject(NodeAddresses addresses)
{
    /// <summary>Writes a group.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="group">Which.</param>
    /// <param name="standing">How the reader stands to it; <see langword="null"/> for the public.</param>
    /// <param name="admins">How many admins it has; <see langword="null"/> where nobody counted, as in lists.</param>
    public void Write(ApiWriter writer, Group group, GroupStanding? standing, int? admins)
    {
        writer.StartObject("group");
        writer.WriteId("id", group.Id.Value);
        writer.Write("url", addresses.GroupUrl(group.Nickname));
        writer.Write("nickname", group.Nickname);
        writer.WriteOptional("fullname", group.FullName);
        if (standing is { } known)
        {
            writer.Write("member", known >= GroupStanding.Member);
            writer.Write("blocked", known == GroupStanding.Blocked);
        }

        if (admins is { } counted)
            writer.Write("admin_count", counted);
        writer.Write("member_count", group.Counts.Members);
        writer.Write("notice_count", group.Counts.Notices);
        // Groups have no pictures here.
        writer.Write("original_logo", null);
        writer.Write("homepage_logo", null);
        writer.Write("stream_logo", null);
        writer.Write("mini_logo", null);
        writer.WriteOptional("homepage", group.Homepage);
        writer.WriteOptional("description", group.Description);
        writer.WriteOptional("location", group.Location);
        writer.WriteTime("created", group.CreatedAt);
        writer.WriteTime("modified", group.CreatedAt);
        writer.StartList("aliases");
        foreach (var alias in group.Aliases)
            writer.Write("alias", alias);
        writer.EndList();
        writer.EndObject();
    }
}
