using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Microblog.Federation.Tests;

/// <summary>Has requests come from addresses that this machine does not have.</summary>
internal sealed class SenderAddress(Func<IPAddress> current) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        application.Use((context, rest) =>
        {
            context.Connection.RemoteIpAddress = current();
            return rest(context);
        });
        next(application);
    };
}
