using Microblog;
using Microblog.Applications;
using Microblog.Http;
using Microblog.TwitterApi;
using Microblog.TwitterApi.Access;
using Microblog.TwitterApi.Endpoints;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Twitter-compatible client API to a node.</summary>
public static class MicroblogTwitterApiExtensions
{
    /// <summary>Lets existing Twitter and StatusNet clients work with this node, below <c>/api/</c>.</summary>
    public static MicroblogBuilder AddTwitterApi(this MicroblogBuilder builder, Action<TwitterApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<TwitterApiOptions>()
            .Validate(options => options.RequestsPerHour is null or >= 1, "TwitterApiOptions.RequestsPerHour is below 1; null means no limit.")
            .ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<ApiTokens>();
        services.TryAddSingleton<ApiOAuth>();
        services.TryAddSingleton<ApiChallenges>();
        services.TryAddSingleton<SeenNonces>();
        services.TryAddSingleton<FailedPasswords>();
        services.TryAddSingleton<CallerFinder>();
        services.TryAddSingleton<AuthorizeEndpoint>();
        services.TryAddSingleton(s => AccessBy(s.GetRequiredService<IOptions<TwitterApiOptions>>().Value));
        services.TryAddSingleton<CallerLimits>();
        services.TryAddSingleton<ApiResponses>();
        services.TryAddSingleton<ApiMap>();
        services.TryAddSingleton<UserObject>();
        services.TryAddSingleton<PictureObject>();
        services.TryAddSingleton<StatusObject>();
        services.TryAddSingleton<MessageObject>();
        services.TryAddSingleton<GroupObject>();
        services.TryAddSingleton<PeopleFinder>();
        services.TryAddSingleton<FeedPages>();
        services.TryAddSingleton<StatusPages>();
        services.TryAddSingleton<UserPages>();
        services.TryAddSingleton<PictureUploads>();
        services.TryAddSingleton<MessageWriting>();
        services.TryAddSingleton<StatusWriting>();
        services.TryAddSingleton<ApiCommands>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IApiEndpoints, TimelineEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, StatusEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, UserEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, FriendshipEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, MarkEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, MessageEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, MessageEventEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, LaterEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, AccountEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, GroupEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, SearchEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, MediaEndpoints>(),
            ServiceDescriptor.Singleton<IApiEndpoints, ServerEndpoints>(),
            ServiceDescriptor.Singleton<INodeRoutes, ApiRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, TokenRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, RsdRoutes>(),
        ]);
        return builder;
    }

    private static ClientAccess AccessBy(TwitterApiOptions options) =>
        new(ApiRoutes.Root + "/", options.AcceptBasic) { TakesUnregistered = options.AcceptUnregisteredApplications };
}
