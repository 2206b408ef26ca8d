using Microblog.Media;

namespace Microblog.Storage;

/// <summary>Reads people's pictures.</summary>
public interface IAvatarReader
{
    /// <summary>The picture kept for a profile, or <see langword="null"/>: then one is drawn.</summary>
    ValueTask<Avatar?> FindAsync(ProfileId id, CancellationToken cancellationToken);
}

/// <summary>Writes them.</summary>
public interface IAvatarStore : IAvatarReader
{
    /// <summary>Keeps a picture for a profile in place of any other; <see langword="null"/> forgets it.</summary>
    ValueTask SetAsync(ProfileId id, Avatar? avatar, CancellationToken cancellationToken);
}
