namespace Microblog.Storage.InMemory;

internal sealed class InMemoryAttachments(InMemorySession session) : IAttachmentStore
{
    public ValueTask<StoredAttachment?> FindAsync(AttachmentId id, CancellationToken cancellationToken) =>
        new(session.State.Attachments.GetValueOrDefault(id.Value));

    public ValueTask<long> MeasureAsync(ProfileId owner, CancellationToken cancellationToken) =>
        new(session.State.Attachments.Values.Where(stored => stored.Owner == owner)
            .Sum(stored => (long)Math.Max(stored.Attachment.Size, IAttachmentReader.LeastCharge)));

    public ValueTask<IReadOnlyList<BlobKey>> FindNamedAsync(IReadOnlyList<BlobKey> keys, CancellationToken cancellationToken) =>
        new([.. keys.Intersect(session.State.Attachments.Values.Select(stored => stored.Attachment.Blob))]);

    public ValueTask AddAsync(Attachment attachment, ProfileId owner, CancellationToken cancellationToken)
    {
        session.State = session.State with { Attachments = session.State.Attachments.Add(attachment.Id.Value, new StoredAttachment(attachment, owner, default)) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DescribeAsync(AttachmentId id, ProfileId owner, string description, CancellationToken cancellationToken)
    {
        if (FindLoose(id, owner) is not { } stored)
            return new(false);
        Set(stored with { Attachment = stored.Attachment with { Description = description } });
        return new(true);
    }

    public ValueTask<bool> AttachAsync(IReadOnlyList<AttachmentId> ids, ProfileId owner, NoticeId notice, CancellationToken cancellationToken)
    {
        var found = ids.Select(id => FindLoose(id, owner)).OfType<StoredAttachment>().ToList();
        if (found.Count != ids.Count)
            return new(false);
        foreach (var stored in found)
            Set(stored with { Notice = notice });
        return new(true);
    }

    public ValueTask<bool> RemoveAsync(AttachmentId id, ProfileId owner, CancellationToken cancellationToken)
    {
        var isThere = FindLoose(id, owner) is not null;
        if (isThere)
            session.State = session.State with { Attachments = session.State.Attachments.Remove(id.Value) };
        return new(isThere);
    }

    public ValueTask<int> PruneAsync(DateTimeOffset before, int count, CancellationToken cancellationToken)
    {
        var first = IdSource.FirstAt(before);
        var old = session.State.Attachments.Where(pair => pair.Key < first && pair.Value.Notice.IsNone).Select(pair => pair.Key).Take(count).ToList();
        session.State = session.State with { Attachments = session.State.Attachments.RemoveRange(old) };
        return new(old.Count);
    }

    /// <summary>Removes all that a person has, also from their notices.</summary>
    public void RemoveAll(ProfileId owner)
    {
        var state = session.State;
        var gone = state.Attachments.Where(pair => pair.Value.Owner == owner).ToList();
        session.State = state with
        {
            Attachments = state.Attachments.RemoveRange(gone.Select(pair => pair.Key)),
            Notices = state.Notices.SetItems(gone.Select(pair => pair.Value.Notice.Value).Distinct().Where(state.Notices.ContainsKey)
                .Select(id => KeyValuePair.Create(id, state.Notices[id] with { Notice = state.Notices[id].Notice with { Attachments = [] } }))),
        };
    }

    private StoredAttachment? FindLoose(AttachmentId id, ProfileId owner) =>
        session.State.Attachments.GetValueOrDefault(id.Value) is { Notice.IsNone: true } stored && stored.Owner == owner ? stored : null;

    private void Set(StoredAttachment stored) =>
        session.State = session.State with { Attachments = session.State.Attachments.SetItem(stored.Attachment.Id.Value, stored) };
}
