using Microblog.Storage;

namespace Microblog.Contacts;

/// <summary>Writes whom a person follows, as large as that may be. Every page is a snapshot of its own, so that a slow reader holds nothing in the store.</summary>
internal sealed class ContactExport(MicroblogNode node, NodeAddresses addresses)
{
    private const int Count = 500;

    public async ValueTask WriteAsync(Profile person, ContactFormat format, Stream output, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var writer = format.Open(buffer, person, addresses))
        {
            SubscriptionId after = default;
            IReadOnlyList<SubscriptionEntry> page;
            do
            {
                var last = after;
                page = await node.ReadAsync(
                    (session, ct) => session.Archive.ListPublishersAsync(person.Id, SubscriptionState.Active, last, Count, ct), cancellationToken).ConfigureAwait(false);
                foreach (var entry in page)
                {
                    after = entry.Subscription.Id;
                    if (entry.Other is { IsLocal: false } or { MayAct: true })
                        writer.Add(entry.Other);
                }

                writer.Flush();
                await PassOnAsync(buffer, output, cancellationToken).ConfigureAwait(false);
            }
            while (page.Count == Count);
        }

        await PassOnAsync(buffer, output, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask PassOnAsync(MemoryStream buffer, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken).ConfigureAwait(false);
        buffer.SetLength(0);
    }
}
