using System.Net;
using System.Text;

namespace Microblog.Load;

/// <summary>Every other service answers at once that it has taken the notice.</summary>
internal sealed class InstantNetwork : HttpMessageHandler
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("omb_version=http://openmicroblogging.org/protocol/0.1");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Answer), RequestMessage = request });
}
