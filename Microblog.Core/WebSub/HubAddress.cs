namespace Microblog.WebSub;

/// <summary>What is in the addresses of the hub's protocol.</summary>
internal static class HubAddress
{
    /// <summary>Whether something may be sent to an address: http(s), no fragment, and no longer than can be kept.</summary>
    public static bool IsUsable(string address) =>
        address.Length <= HubSubscription.MaxAddressLength && WebAddress.IsValid(address) && !address.Contains('#', StringComparison.Ordinal);

    /// <summary>An address with parameters more in its query (W3C WebSub §5.3: what stands there already stays).</summary>
    public static Uri With(string address, params (string Name, string Value)[] parameters) => new(
        address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + Encode(parameters));

    /// <summary>Parameters as a form.</summary>
    public static string Encode(params (string Name, string Value)[] parameters) =>
        string.Join('&', parameters.Select(pair => $"{Uri.EscapeDataString(pair.Name)}={Uri.EscapeDataString(pair.Value)}"));
}
