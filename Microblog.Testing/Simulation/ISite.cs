namespace Microblog.Testing.Simulation;

/// <summary>Whoever answers requests to a host of the simulated network.</summary>
internal interface ISite
{
    /// <summary>Takes a request, and later either answers or breaks the connection; or neither, when it hangs.</summary>
    void Receive(WireRequest request, Action<WireAnswer> answer, Action<HttpRequestException> fail);
}
