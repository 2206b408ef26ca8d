using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Writes people.</summary>
internal sealed class UserObject(NodeAddresses addresses)
{
    /// <summary>Writes a person.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">Of the element: <c>user</c>, <c>sender</c> and the like.</param>
    /// <param name="person">Whom.</param>
    /// <param name="beside">What is shown beside.</param>
    /// <param name="writeStatus">Writes their newest notice; nothing where none is shown.</param>
    public void Write(ApiWriter writer, string name, Profile person, Surroundings beside, Action? writeStatus = null)
    {
        var counts = beside.Counts.GetValueOrDefault(person.Id);
        var relation = beside.Relations.GetValueOrDefault(person.Id);
        var picture = addresses.AvatarUrl(person);
        writer.StartObject(name);
        writer.WriteId("id", person.Id.Value);
        writer.Write("name", person.FullName.Length > 0 ? person.FullName : person.Nickname);
        writer.Write("screen_name", person.Address);
        writer.WriteOptional("location", person.Location);
        writer.WriteOptional("description", person.Bio);
        writer.WriteOptional("url", person.Homepage);
        writer.Write("profile_image_url", picture);
        writer.Write("profile_image_url_https", picture);
        writer.Write("protected", person.ApprovesFollowers);
        writer.Write("followers_count", counts.Followers);
        writer.Write("friends_count", counts.Following);
        writer.Write("statuses_count", counts.Notices);
        writer.Write("favourites_count", counts.Favourites);
        WriteColours(writer);
        writer.WriteTime("created_at", IdSource.TimeOf(person.Id.Value));
        // A text, as StatusNet had it.
        writer.Write("utc_offset", "0");
        writer.Write("time_zone", "UTC");
        writer.Write("following", relation.IsFollowing);
        writer.Write("follow_request_sent", relation.IsRequested);
        writer.Write("statusnet:blocking", relation.IsBlocking);
        writer.Write("notifications", false);
        writer.Write("verified", false);
        writer.Write("statusnet_profile_url", person.Url);
        writer.Write("statusnet_uri", person.Uri.Value);
        writer.Write("acct", person.Address);
        writeStatus?.Invoke();
        writer.EndObject();
    }

    // Pages here have no colours of their own; clients want the fields.
    private static void WriteColours(ApiWriter writer)
    {
        writer.Write("profile_background_color", "");
        writer.Write("profile_text_color", "");
        writer.Write("profile_link_color", "");
        writer.Write("profile_sidebar_fill_color", "");
        writer.Write("profile_sidebar_border_color", "");
        writer.Write("profile_background_image_url", "");
        writer.Write("profile_background_tile", false);
    }
}
