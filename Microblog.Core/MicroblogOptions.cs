namespace Microblog;

/// <summary>What the host says about its node. Checked once at start-up; each message names the remedy.</summary>
public sealed class MicroblogOptions
{
    /// <summary>The public address of the node, such as <c>https://notes.example/</c> or <c>https://site.example/notes/</c>; http or https, no query.</summary>
    /// <value>Required outside Development. Never taken from a <c>Host</c> header.</value>
    public Uri? BaseUri { get; set; }

    /// <summary>Addresses under which this node was reached before, still its own: nobody else may claim an identifier there (OMB-41).</summary>
    /// <remarks>Base URIs that the store has seen are remembered anyway; this is for those it has not.</remarks>
    public IList<Uri> FormerBaseUris { get; } = [];

    /// <summary>The licence under which this node's people publish, unless they chose another.</summary>
    /// <value>Required: a licence is the site's decision, so there is no default. <see cref="License.CcBy40"/> is what nearly every other service accepts.</value>
    public License? License { get; set; }

    /// <summary>The site's name on its pages.</summary>
    /// <value>Default: the base URI's host.</value>
    public string SiteName { get; set; } = "";

    /// <summary>Longest notice that people here may write, in Unicode code points.</summary>
    /// <value>Default 5,000; 1 to 100,000. The specification advises 140 but sets no limit; old services refuse more than they show.</value>
    public int MaxNoticeLength { get; set; } = 5_000;

    /// <summary>Most pictures of one notice.</summary>
    /// <value>Default 4; 0 to 16. With 0 nobody uploads anything.</value>
    public int MaxAttachments { get; set; } = 4;

    /// <summary>Largest picture that may be uploaded, in bytes. One is held in memory for each upload that is under way.</summary>
    /// <value>Default 8 MiB; 64 KiB to 64 MiB.</value>
    public int MaxAttachmentBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How many bytes of pictures one person may keep here; each counts for <see cref="Storage.IAttachmentReader.LeastCharge"/> at least.</summary>
    /// <value>Default 500 MiB; not less than <see cref="MaxAttachmentBytes"/>.</value>
    public long AttachmentQuotaBytes { get; set; } = 500L * 1024 * 1024;

    /// <summary>Nicknames that nobody may take, besides those of <see cref="Text.Nickname"/>.</summary>
    public ISet<string> ReservedNicknames { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the pages let only those join who have an invitation, and operators, so that somebody is there to invite.</summary>
    /// <value>Default: no, every user of the host may join.</value>
    public bool JoinOnlyByInvitation { get; set; }

    /// <summary>Hosts (with a port if not the default) whose notices and profiles are taken for proven when the consumer key is of the same host (OMB-65).</summary>
    /// <value>Default: none. With the empty consumer secret of OMB this also trusts every user of this node not to impersonate people of that host.</value>
    public ISet<string> TrustedHosts { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the node makes new keys when it cannot open those of earlier runs, because the host has lost the keys of its
    /// <see cref="Identity.ISecretProtector"/>. Nothing can be sent any more by subscriptions made before, and the checks say so.</summary>
    /// <value>Default: no, the node refuses to start and says what to do. For one start alone, while no other process uses the store.</value>
    public bool ReplaceLostKeys { get; set; }

    /// <summary>How deliveries go out.</summary>
    public Delivery.DeliveryOptions Delivery { get; } = new();

    /// <summary>How many people may look on while notices come.</summary>
    public Live.LiveOptions Live { get; } = new();
}
