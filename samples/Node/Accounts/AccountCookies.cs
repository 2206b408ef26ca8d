using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Microblog.Samples.Node.Accounts;

/// <summary>Signs people in with a cookie.</summary>
internal static class AccountCookies
{
    public const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    public static void AddAccountCookies(this IServiceCollection services)
    {
        services.AddAuthentication(Scheme).AddCookie(Scheme);
        services.AddAuthorization();
        services.AddAntiforgery();
        // Ports do not separate cookies: two nodes on one machine need names of their own.
        services.AddOptions<CookieAuthenticationOptions>(Scheme).Configure<NodeAddresses>((options, addresses) =>
        {
            options.Cookie.Name = "node-session-" + Suffix(addresses);
            // Lax, so that somebody who comes from another service to agree is still signed in.
            options.Cookie.SameSite = SameSiteMode.Lax;
            // Behind a proxy that ends TLS the request itself does not look secure.
            options.Cookie.SecurePolicy = addresses.Origin.StartsWith("https:", StringComparison.Ordinal) ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            options.LoginPath = AccountEndpoints.SignIn;
            options.ReturnUrlParameter = "return";
            options.ExpireTimeSpan = TimeSpan.FromDays(30);
        });
        services.AddOptions<AntiforgeryOptions>().Configure<NodeAddresses>(
            (options, addresses) => options.Cookie.Name = "node-form-" + Suffix(addresses));
    }

    public static ClaimsPrincipal PrincipalOf(Account account)
    {
        var identity = new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, account.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)), new(ClaimTypes.Name, account.Name)],
            Scheme);
        if (account.IsOperator)
            identity.AddClaim(new(ClaimTypes.Role, "operator"));
        return new ClaimsPrincipal(identity);
    }

    private static string Suffix(NodeAddresses addresses) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(addresses.Root)).AsSpan(0, 4));
}
