using Microblog.Storage;

namespace Microblog.Testing.Tests.Invariants;

/// <summary>Three nodes, their people and somebody evil, and what an observer outside knows for sure: what was acknowledged to whom, and when.</summary>
internal sealed class World(SimulatedNetwork network)
{
    private int turn;

    public SimulatedNetwork Network => network;

    public const string AccompliceName = "accomplice";

    public List<Person> People { get; } = [];

    /// <summary>The one whose consent lets forgeries in; nobody else may see them.</summary>
    public SimulatedPerson? Accomplice { get; set; }

    public List<Written> Written { get; } = [];

    public Dictionary<(Person Listener, Person Author), Tie> Ties { get; } = [];

    /// <summary>What has not arrived within a minute when nothing is wrong.</summary>
    public List<string> Late { get; } = [];

    /// <summary>How far the transcript went when the first quiet round was over.</summary>
    public int FirstRound { get; set; }

    /// <summary>Publications that took network time: nobody may wait for another service.</summary>
    public List<string> Waits { get; } = [];

    /// <summary>What a poller heard that asks each home for what is newer than the last it saw.</summary>
    public Dictionary<Person, List<NoticeId>> Polled { get; } = [];

    /// <summary>What somebody has of each node who follows what is published there, changed and deleted.</summary>
    public Dictionary<SimulatedNode, HashSet<NoticeUri>> Mirrors { get; } = [];

    public Person Any(Func<Person, bool> condition)
    {
        var candidates = People.Where(condition).ToList();
        return candidates.Count == 0 ? People[0] : candidates[network.Random.Next(candidates.Count)];
    }

    public async Task JoinAsync(SimulatedNode node, string nickname)
    {
        var person = new Person(await node.JoinAsync(nickname));
        People.Add(person);
        Polled.Add(person, []);
    }

    public async Task WriteAsync(Person author, Visibility visibility, bool isLocalOnly)
    {
        var before = Written.LastOrDefault(earlier => earlier.Author == author && earlier is { Notice: not null, IsDeleted: false });
        // Whoever hears an address in it asks for the notice's origin.
        var address = network.Random.Next(4) == 0 ? " @nobody@far.example" : "";
        var written = new Written(author, $"{author.Name} {Written.Count} ✓{address}", visibility, isLocalOnly, ++turn);
        Written.Add(written);
        var draft = new NoticeDraft
        {
            Content = written.Text,
            Visibility = visibility,
            IsLocalOnly = isLocalOnly,
            ReplyTo = network.Random.Next(4) == 0 ? before?.Notice?.Id ?? default : default,
        };
        var began = network.Now;
        if (await TryAsync(async () => written.Notice = await author.Home.PublishAsync(draft)) && network.Now != began)
            Waits.Add(written.Text);
    }

    public async Task DeleteAsync(Person author)
    {
        var own = Written.Where(written => written.Author == author && written.Notice is not null).ToList();
        if (own.Count == 0)
            return;
        var deleted = own[network.Random.Next(own.Count)];
        deleted.IsDeleted = true;
        deleted.IsGone |= await TryAsync(() => author.Home.Node.CallAsync(node => node.DeleteAsync(author.Home.Profile.Id, deleted.Notice!.Id)));
    }

    public async Task FollowAsync(Person listener, Person author)
    {
        var tie = Tie(listener, author);
        var began = ++turn;
        if (await TryAsync(() => listener.Home.FollowAsync(author.Home)))
            tie.Follows(began, ++turn);
        else
            tie.IsUncertain(began);
    }

    public async Task UnfollowAsync(Person listener, Person author)
    {
        var tie = Tie(listener, author);
        var began = ++turn;
        if (await TryAsync(() => listener.Home.UnfollowAsync(author.Home)))
            tie.Ends(began, ++turn);
        else
            tie.IsUncertain(began);
    }

    public async Task RenameAsync(Person person)
    {
        var name = $"{person.Name} the {++turn}th";
        person.PossibleNames.Add(name);
        if (await TryAsync(() => person.Home.Node.CallAsync(node => node.UpdateProfileAsync(person.Home.Profile.Id, new ProfileChanges { FullName = name }))))
        {
            person.PossibleNames.Clear();
            person.PossibleNames.Add(name);
        }
    }

    private readonly Dictionary<Person, TimelinePosition> positions = [];
    private readonly Dictionary<SimulatedNode, (TimelinePosition Notice, ChangePlace Change)> followed = [];

    /// <summary>Reads on where the last poll ended, as a client does.</summary>
    public async Task PollAsync()
    {
        foreach (var person in People.Where(person => person.Home.Node.IsUp))
        {
            await TryAsync(async () =>
            {
                var seen = Polled[person];
                while (true)
                {
                    var page = await person.Home.Node.CallAsync(node => node.HomeAsync(
                        person.Home.Profile.Id, PageRequest.NewerThan(positions.GetValueOrDefault(person), 50)));
                    if (page.Count == 0)
                        return;
                    seen.AddRange(page.Reverse().Select(entry => entry.Notice.Id));
                    positions[person] = page[0].Position;
                }
            });
        }

        foreach (var node in network.Nodes.Where(node => node.IsUp))
            await TryAsync(() => MirrorAsync(node));
    }

    private async Task MirrorAsync(SimulatedNode node)
    {
        if (!Mirrors.TryGetValue(node, out var mirror))
            Mirrors.Add(node, mirror = []);
        while (true)
        {
            var (notice, change) = followed.GetValueOrDefault(node);
            var (published, changes) = await node.CallAsync(host => host.ReadAsync(async (session, ct) => (
                await session.Timelines.PublicAsync(default, PageRequest.NewerThan(notice, 50), ct), await session.Notices.ListChangesAsync(change, 50, ct))));
            mirror.UnionWith(published.Select(entry => entry.Notice.Uri));
            mirror.ExceptWith(changes.Where(item => item.Entry is null).Select(item => item.Uri));
            if (published.Count == 0 && changes.Count == 0)
                return;
            followed[node] = (published.Count > 0 ? published.Next : notice, changes.Count > 0 ? changes[^1].Place : change);
        }
    }

    /// <summary>Whether it worked; what fails is the network's or a killed node's doing, and the outcome is unknown.</summary>
    public static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (e is SimulationException or HttpRequestException)
        {
            return false;
        }
    }

    private Tie Tie(Person listener, Person author)
    {
        if (!Ties.TryGetValue((listener, author), out var tie))
            Ties.Add((listener, author), tie = new Tie());
        return tie;
    }
}

/// <summary>Somebody, and the names that the person may have in the end.</summary>
internal sealed class Person(SimulatedPerson home)
{
    public SimulatedPerson Home => home;

    public string Name => home.Profile.Nickname;

    public ProfileUri Uri => home.Profile.Uri;

    public List<string> PossibleNames { get; } = [""];
}

/// <summary>A notice and when it was written; <see cref="Notice"/> once that was acknowledged.</summary>
internal sealed record Written(Person Author, string Text, Visibility Visibility, bool IsLocalOnly, int Turn)
{
    public Notice? Notice { get; set; }

    /// <summary>Whether its author wanted to delete it; what has been sent, others keep.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Whether that was acknowledged.</summary>
    public bool IsGone { get; set; }

    public bool MayLeave => !IsLocalOnly && Visibility is Visibility.Public or Visibility.Unlisted;
}

/// <summary>Whether somebody hears somebody, as far as can be known.</summary>
internal sealed class Tie
{
    private readonly List<(int From, int To)> possible = [];

    /// <summary>Since when for sure; <see langword="null"/> when it is over or uncertain.</summary>
    public int? Since { get; private set; }

    public bool IsPossible => possible.Count > 0 && possible[^1].To == int.MaxValue;

    public void Follows(int began, int ended)
    {
        Begin(began);
        Since = ended;
    }

    public void Ends(int began, int ended)
    {
        Begin(began);
        possible[^1] = (possible[^1].From, ended);
        Since = null;
    }

    public void IsUncertain(int began)
    {
        Begin(began);
        Since = null;
    }

    public bool MayHear(int turn) => possible.Any(span => turn >= span.From && turn <= span.To);

    private void Begin(int turn)
    {
        if (!IsPossible)
            possible.Add((turn, int.MaxValue));
    }
}
