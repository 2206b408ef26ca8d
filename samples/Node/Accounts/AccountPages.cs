using Microblog.Pages;

namespace Microblog.Samples.Node.Accounts;

/// <summary>Signing in or up; both look alike.</summary>
/// <param name="IsNew">Whether it is about a new account.</param>
/// <param name="ReturnTo">Where to go afterwards.</param>
/// <param name="FormField">The name of the field that proves the form is ours.</param>
/// <param name="FormToken">Its value.</param>
public sealed record AccountPage(bool IsNew, string ReturnTo, string FormField, string FormToken) : Page
{
    public override string Title => IsNew ? "Sign up" : "Sign in";

    public string Name { get; init; } = "";

    public string Problem { get; init; } = "";
}

/// <summary>Tells the node which component shows the application's own page.</summary>
internal static class AccountPages
{
    public static void AddTo(IDictionary<Type, Type> components) => components[typeof(AccountPage)] = typeof(AccountView);
}
