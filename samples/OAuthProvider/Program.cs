using Microblog.Http;
using Microblog.Omb.OAuth;
using Microblog.Samples.OAuthProvider;
using Microsoft.AspNetCore.Antiforgery;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAntiforgery(options => options.SuppressXFrameOptionsHeader = false);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(new OAuthOptions { Realm = builder.Configuration["BaseUri"] ?? "" });
builder.Services.AddSingleton<IOAuthTokens>(new InMemoryTokens(FindConsumer, TimeProvider.System));
builder.Services.AddSingleton<OAuthProvider>();
var app = builder.Build();

// The address that signatures are made for. It is configured: a Host header is whatever the client likes.
var baseUri = new Uri(app.Configuration["BaseUri"] ?? throw new InvalidOperationException("Set BaseUri, such as http://localhost:5000."));
var provider = app.Services.GetRequiredService<OAuthProvider>();
var options = app.Services.GetRequiredService<OAuthOptions>();
var tokens = app.Services.GetRequiredService<IOAuthTokens>();

// The token endpoints. Consumers are told to POST; some send GET.
string[] getOrPost = ["GET", "POST"];
app.MapMethods("/oauth/request_token", getOrPost, context => Answer(context, (request, stop) => provider.RequestTokenAsync(request, null, Log, stop)));
app.MapMethods("/oauth/access_token", getOrPost, context => Answer(context, (request, stop) => provider.AccessTokenAsync(request, Log, stop)));

// The page on which a person decides. This sample has one person, who is always signed in; put your own sign-in here.
app.MapGet("/oauth/authorize", async (HttpContext context, IAntiforgery antiforgery) =>
{
    var query = context.Request.Query;
    var found = await provider.FindAuthorizationAsync(query["oauth_token"], query["oauth_callback"], context.RequestAborted);
    return found is AuthorizationRequest.Pending pending
        ? ConsentPage.Ask(pending, antiforgery.GetAndStoreTokens(context), query["oauth_callback"])
        : ConsentPage.Problem(((AuthorizationRequest.Refused)found).Problem);
});
app.MapPost("/oauth/authorize", async (HttpContext context, IAntiforgery antiforgery) =>
{
    if (!await antiforgery.IsRequestValidAsync(context))
        return Results.BadRequest("This form was not sent from our page.");

    // What was found is looked up again: the form's fields could have been altered.
    var form = await context.Request.ReadFormAsync(context.RequestAborted);
    var callback = form.TryGetValue("oauth_callback", out var sent) ? sent.ToString() : null;
    var found = await provider.FindAuthorizationAsync(form["oauth_token"], callback, context.RequestAborted);
    if (found is not AuthorizationRequest.Pending pending)
        return ConsentPage.Problem(((AuthorizationRequest.Refused)found).Problem);

    return await provider.DecideAsync(pending, form["decision"] == "allow", grantData: "ada", context.RequestAborted) switch
    {
        Decision.Granted { ReturnTo: { } address } => Results.Redirect(address),
        Decision.Denied { ReturnTo: { } address } => Results.Redirect(address),
        Decision.Granted { Verifier: { } verifier } => ConsentPage.Verifier(verifier),
        Decision.Refused refused => ConsentPage.Problem(refused.Problem),
        _ => ConsentPage.Done(),
    };
});

// The protected resource. Reading and writing both spend the nonce; an application with a database remembers it in the
// transaction of the write instead.
app.MapMethods("/me", getOrPost, context => Answer(context, async (request, stop) =>
{
    var verified = await provider.VerifyAsync(request, stop);
    if (verified is not ProtectedRequest.Accepted accepted)
        return Refuse(((ProtectedRequest.Refused)verified).Refusal);
    if (accepted.Nonce is { } nonce && !await tokens.RememberAsync(nonce, stop))
        return Refuse(OAuthProvider.NonceUsed());

    return NodeResponse.Text(200, accepted.Token.GrantData + ":" + accepted.Request.Field("text").Text);
}));

app.Run();

// Consumers stand in the configuration. An open network would answer OAuthConsumer.Open for every key.
OAuthConsumer? FindConsumer(string key) =>
    builder.Configuration.GetSection("Consumers").GetChildren().FirstOrDefault(entry => entry["Key"] == key) is { } found
        ? new OAuthConsumer(found["Secret"] ?? "")
        : null;

Task Answer(HttpContext context, Func<NodeRequest, CancellationToken, ValueTask<NodeResponse>> handler) =>
    HttpAdapter.AnswerAsync(context, baseUri, handler);

NodeResponse Refuse(OAuthRefusal refusal)
{
    Log(refusal);
    return refusal.ToResponse(options.Realm);
}

void Log(OAuthRefusal refusal) => app.Logger.Refused(refusal);
