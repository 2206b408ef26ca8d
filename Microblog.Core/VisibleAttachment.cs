namespace Microblog;

/// <summary>An attachment that somebody may see.</summary>
/// <param name="Attachment">The attachment.</param>
/// <param name="Notice">The notice that it belongs to; <see langword="null"/> for an own upload that belongs to none yet.</param>
public sealed record VisibleAttachment(Attachment Attachment, Notice? Notice);
