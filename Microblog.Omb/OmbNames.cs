namespace Microblog.Omb;

/// <summary>The names of OpenMicroBlogging 0.1, spelled as on the wire.</summary>
public static class OmbNames
{
    /// <summary>The one version, compared byte for byte; also the type of the service in XRDS.</summary>
    public const string ProtocolVersion = "http://openmicroblogging.org/protocol/0.1";

    /// <summary>The protocol's name in subscriptions and lanes.</summary>
    public const string Protocol = "omb";

    /// <summary>Always <see cref="ProtocolVersion"/>.</summary>
    public const string Version = "omb_version";

    /// <summary>The identifier of whoever hears.</summary>
    public const string Listener = "omb_listener";

    /// <summary>The identifier of whoever is heard.</summary>
    public const string Listenee = "omb_listenee";

    /// <summary>The notice's URI.</summary>
    public const string Notice = "omb_notice";

    /// <summary>The notice's text.</summary>
    public const string NoticeContent = "omb_notice_content";

    /// <summary>Where the notice can be read.</summary>
    public const string NoticeUrl = "omb_notice_url";

    /// <summary>The notice's licence, if not the listenee's default.</summary>
    public const string NoticeLicense = "omb_notice_license";

    /// <summary>An address of additional content.</summary>
    public const string SeeAlso = "omb_seealso";

    /// <summary><c>link</c> or <c>inline</c>.</summary>
    public const string SeeAlsoDisposition = "omb_seealso_disposition";

    /// <summary>The media type that the sender claims.</summary>
    public const string SeeAlsoMediaType = "omb_seealso_mediatype";

    /// <summary>The licence of the additional content.</summary>
    public const string SeeAlsoLicense = "omb_seealso_license";
}
