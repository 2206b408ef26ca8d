using Microblog.Storage;

namespace Microblog;

/// <summary>A picture that belongs to a notice, or that somebody has uploaded for one.</summary>
public sealed record Attachment
{
    /// <summary>Longest description, in characters as people see them (grapheme clusters).</summary>
    public const int MaxDescription = 1_500;

    /// <summary>The number in this store; its upper bits are the moment of the upload.</summary>
    public required AttachmentId Id { get; init; }

    /// <summary>What its bytes are kept under.</summary>
    public required BlobKey Blob { get; init; }

    /// <summary>What it is, by its own bytes.</summary>
    public required string MediaType { get; init; }

    /// <summary>Size in bytes.</summary>
    public required int Size { get; init; }

    /// <summary>Width in pixels as it is shown.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels as it is shown.</summary>
    public required int Height { get; init; }

    /// <summary>What is to be seen, for whoever does not see it; empty when nobody said.</summary>
    public string Description { get; init; } = "";

    /// <summary>The usual end of a file's name of this type, with the dot.</summary>
    public string Extension => MediaType switch
    {
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        _ => ".bin",
    };
}
