using Microblog.Testing.Conformance.Steps;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>The service under test as the listener's service, and the kit as the listenee's: what is known so far, and what can be done.</summary>
internal sealed class ProviderTarget(ConformanceOptions options, KitSite site, WireClient wire)
{
    private string? whyNoPage;

    public ConformanceOptions Options => options;

    public KitSite Site => site;

    public WireClient Wire => wire;

    public Fact<XrdsReading> Document { get; } = new("OMB-1");

    public Fact<Dictionary<string, string>> Endpoints { get; } = new("OMB-7");

    public Fact<string> Listener { get; } = new("OMB-8");

    public Fact<Token> RequestToken { get; } = new("OMB-22");

    /// <summary>How the browser came back from the first dance.</summary>
    public Fact<WireRequest> Callback { get; } = new("OMB-33");

    public Fact<Grant> Grant { get; } = new("OAUTH-38");

    /// <summary>What an exchange was answered that came before the decision.</summary>
    public WireReply? Early { get; set; }

    /// <summary>The clause whose check got the access token by an exchange that should have been refused; <see langword="null"/> when none did.</summary>
    public string? EarlyGrantBy { get; set; }

    /// <summary>Whether the person has unsubscribed from the first listenee.</summary>
    public bool HasEnded { get; set; }

    /// <summary>A second one, of another listenee, by OAuth 1.0.</summary>
    public Fact<Grant> OldGrant { get; } = new("OAUTH-34");

    public Listenee Alice { get; } = site.NewListenee();

    public Listenee Bert { get; } = site.NewListenee();

    public Task<WireReply> SendAsync(SignedCall call, CancellationToken cancellationToken) => call.SendAsync(wire, options.Clock, cancellationToken);

    public Task<WireReply> GetAsync(string address, string accept, CancellationToken cancellationToken) =>
        wire.GetAsync(address, [new("Accept", accept)], cancellationToken);

    /// <summary>The first step of the dance; OAuth 1.0 when <paramref name="callback"/> is <see langword="null"/>.</summary>
    public SignedCall RequestTokenCall(string? callback = null) => new(Endpoints.Value[WireText.Request], site.Root)
    {
        Fields = [new("omb_version", WireText.Version), new("omb_listener", Listener.Value)],
        OAuth = callback is null ? [] : [new("oauth_callback", callback)],
    };

    public async Task<Token> GetRequestTokenAsync(string? callback, CancellationToken cancellationToken)
    {
        // If not even the first one was to be had, the check of that says so.
        RequestToken.Require();
        var reply = await SendAsync(RequestTokenCall(callback), cancellationToken).ConfigureAwait(false);
        var token = new Token(reply.Form("oauth_token"), reply.Form("oauth_token_secret"));
        Expect.That(reply.Status == 200 && token.Value.Length > 0 && token.Secret.Length > 0, $"another request token, and it was {reply}", reply.Exchange);
        return token;
    }

    /// <summary>What the authorization address carries; with the callback by OAuth 1.0.</summary>
    public List<KeyValuePair<string, string>> Authorization(Token token, Listenee listenee, string? callback = null)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("oauth_token", token.Value),
            new("omb_version", WireText.Version),
            new("omb_listener", Listener.Value),
            new("omb_listenee", listenee.Identifier),
            new("omb_listenee_profile", listenee.ProfileUrl),
            new("omb_listenee_nickname", listenee.Nickname),
            new("omb_listenee_license", WireText.License),
            new("omb_listenee_fullname", listenee.FullName),
            new("omb_listenee_bio", listenee.Bio),
        ];
        if (callback is not null)
            fields.Add(new("oauth_callback", callback));
        return fields;
    }

    public string AuthorizeAddress(IEnumerable<KeyValuePair<string, string>> fields)
    {
        var address = Endpoints.Value[WireText.Authorize];
        return address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + FormText.Write(fields);
    }

    /// <summary>The signed-in person opens the authorization address, and does nothing there.</summary>
    /// <exception cref="StepException">Not even a request without a fault shows the person the consent page.</exception>
    public async Task<WireReply> VisitAsync(IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        if (options.SignIn.Count == 0)
            throw new NotReachedException("needs the authorization page as the signed-in person sees it: give --cookie or --header");
        if (SignInFor(new Uri(Endpoints.Value[WireText.Authorize])).Count == 0)
            throw new NotReachedException("the authorization page is at another origin than the profile, and the sign-in is for that one only");
        whyNoPage ??= WhyNotConsent(await OpenAsync(await NewAuthorizationAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
        return whyNoPage.Length == 0 ? await OpenAsync(fields, cancellationToken).ConfigureAwait(false) : throw new StepException(whyNoPage);
    }

    private Task<WireReply> OpenAsync(IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken) =>
        wire.GetAsync(AuthorizeAddress(fields), [new("Accept", "text/html"), .. SignInFor(new Uri(AuthorizeAddress(fields)))], cancellationToken);

    /// <summary>What signs the person in, at the service itself; nothing at another origin, even if the service names it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SignInFor(Uri address) => WireText.IsSameOrigin(address, options.Profile) ? options.SignIn : [];

    private async Task<List<KeyValuePair<string, string>>> NewAuthorizationAsync(CancellationToken cancellationToken) =>
        Authorization(await GetRequestTokenAsync(site.NewCallback().Address, cancellationToken).ConfigureAwait(false), Alice);

    // Whoever is not signed in sees no consent page, and the service is not to be blamed for what is on the other one.
    private string WhyNotConsent(WireReply reply)
    {
        const string Hint = "is the --cookie still good?";
        if (reply.IsRedirect && Uri.TryCreate(reply.Address, reply.Header("Location"), out var next))
            return $"the authorization page leads to {next.AbsolutePath}; {Hint}";
        if (reply.Status is 401 or 403)
            return $"the authorization page answers {reply}; {Hint}";
        if (reply.Status != 200)
            return "";
        if (options.Allow is SubmitForm allow)
            return allow.Find(reply, "") is not null ? "" : $"the authorization page has no form with the button '{allow.Button}'; {Hint}";
        return HtmlForm.In(reply.Text).Any() ? "" : $"the authorization page has no form; {Hint}";
    }

    /// <summary>Has the person decide, and waits for the browser to come back.</summary>
    /// <returns>How it came back; <see langword="null"/> when it did not.</returns>
    public async Task<WireRequest?> DecideAsync(
        IPersonStep? step, string option, IEnumerable<KeyValuePair<string, string>> fields, Callback callback, CancellationToken cancellationToken)
    {
        if (step is null)
            throw new NotReachedException($"needs a person's decision: give {option}");
        var page = await step.PerformAsync(AuthorizeAddress(fields), wire, options, cancellationToken).ConfigureAwait(false);
        // Whoever followed the redirects is back by now, or will never be.
        var patience = page is null ? options.StepTimeout : options.Quiet;
        return await callback.WaitAsync(patience, options.Clock, cancellationToken).ConfigureAwait(false);
    }

    public SignedCall Exchange(Token request, string? verifier) => new(Endpoints.Value[WireText.Access], site.Root)
    {
        Token = request,
        OAuth = verifier is null ? [] : [new("oauth_verifier", verifier)],
    };

    public SignedCall Notice(Grant grant, string content, string? uri = null) => new(Endpoints.Value[WireText.PostNotice], site.Root)
    {
        Token = grant.Token,
        Fields =
        [
            new("omb_version", WireText.Version),
            new("omb_listenee", grant.Listenee.Identifier),
            new("omb_notice", uri ?? $"{site.Root}notices/{Chance.Text(12)}"),
            new("omb_notice_content", content),
        ],
    };

    public SignedCall Notice() => Notice(Grant.Value, "A notice of the conformance kit.");

    public SignedCall Update(Grant grant, params KeyValuePair<string, string>[] fields) => new(Endpoints.Value[WireText.UpdateProfile], site.Root)
    {
        Token = grant.Token,
        Fields = [new("omb_version", WireText.Version), new("omb_listenee", grant.Listenee.Identifier), .. fields],
    };

    /// <summary>The text of a page that the signed-in person sees.</summary>
    public async Task<WireReply> LookAsync(Uri? page, string option, CancellationToken cancellationToken)
    {
        if (page is null)
            throw new NotReachedException($"needs a page to look at: give {option}");
        var reply = await wire.GetAsync(page.AbsoluteUri, [new("Accept", "text/html"), .. options.SignIn], cancellationToken).ConfigureAwait(false);
        return reply.Status == 200 ? reply : throw new NotReachedException($"the page of {option} answered {reply}");
    }
}
