namespace Microblog.Samples.Node.Accounts;

/// <summary>A user of this application.</summary>
/// <param name="Id">Never changes; the node knows the user by it.</param>
/// <param name="Name">As typed.</param>
/// <param name="IsOperator">Whether this is the one who came first.</param>
public sealed record Account(long Id, string Name, bool IsOperator);
