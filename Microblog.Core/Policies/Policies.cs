namespace Microblog.Policies;

/// <summary>May refuse notices, local ones before they are published, remote ones before they are stored.</summary>
/// <remarks>All registered policies are asked; the first refusal counts. Called outside any transaction.</remarks>
public interface INoticePolicy
{
    /// <summary>The reason to refuse, for whoever sent it, or <see langword="null"/> to let it pass.</summary>
    ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken);
}

/// <summary>May refuse subscriptions before they are made.</summary>
/// <remarks>All registered policies are asked; the first refusal counts. Called outside any transaction.</remarks>
public interface ISubscriptionPolicy
{
    /// <summary>The reason to refuse, for whoever asked, or <see langword="null"/> to let it pass.</summary>
    ValueTask<string?> ObjectToAsync(Profile subscriber, Profile publisher, CancellationToken cancellationToken);
}
