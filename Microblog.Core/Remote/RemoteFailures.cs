namespace Microblog.Remote;

/// <summary>Turns what the HTTP handler throws into reasons.</summary>
internal static class RemoteFailures
{
    /// <summary>Whether a peer can provoke the exception; anything else is a bug and passes through.</summary>
    /// <remarks>Broken gzip throws <see cref="InvalidDataException"/>, broken Brotli <see cref="InvalidOperationException"/>.</remarks>
    public static bool IsPeers(Exception e) =>
        e is HttpRequestException or IOException or InvalidDataException or UriFormatException or OperationCanceledException
            or (InvalidOperationException and not ObjectDisposedException);

    public static RemoteResult.Failed From(Exception e, Uri uri)
    {
        if (Find<DialException>(e) is { } dial)
            return new RemoteResult.Failed(dial.Reason, dial.Message);

        var error = e switch
        {
            HttpRequestException request => request.HttpRequestError,
            HttpIOException io => io.HttpRequestError,
            _ => HttpRequestError.InvalidResponse,
        };
        var reason = error switch
        {
            HttpRequestError.NameResolutionError => RemoteFailure.NameNotFound,
            HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ResponseEnded
                => RemoteFailure.ConnectionFailed,
            HttpRequestError.ConfigurationLimitExceeded => RemoteFailure.TooLarge,
            HttpRequestError.Unknown when Find<System.Net.Sockets.SocketException>(e) is not null => RemoteFailure.ConnectionFailed,
            _ => RemoteFailure.Protocol,
        };
        return new RemoteResult.Failed(reason, $"{uri.Host}: {e.Message}");
    }

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found)
                return found;
        }

        return null;
    }
}
