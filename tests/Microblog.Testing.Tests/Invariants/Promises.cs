using System.Text;
using System.Web;
using Microblog.Storage;

namespace Microblog.Testing.Tests.Invariants;

/// <summary>What the network promises, each in a sentence that a failure begins with.</summary>
internal static class Promises
{
    /// <summary>Remembers what of the round that everybody has just written should have arrived by now.</summary>
    public static async Task NoteLateAsync(World world)
    {
        foreach (var person in world.People)
        {
            var heard = (await ReadAsync(person)).Select(entry => (entry.Author.Uri, entry.Notice.Content)).ToHashSet();
            world.Late.AddRange(world.Written.TakeLast(world.People.Count)
                .Where(written => MustHear(world, person, written) && !heard.Contains((written.Author.Uri, written.Text)))
                .Select(written => $"{written.Text} for {person.Name}"));
        }
    }

    public static async Task AssertAsync(World world)
    {
        Check("Nobody who publishes waits for another service", world.Waits);
        CheckNumbers(world);
        CheckWire(world);
        foreach (var person in world.People)
        {
            var home = await ReadAsync(person);
            CheckHome(world, person, home);
            Check(
                $"Whoever polls for what is newer misses nothing ({person.Name})",
                home.Where(entry => !world.Polled[person].Contains(entry.Notice.Id)).Select(entry => entry.Notice.Content));
            await CheckNamesAsync(world, person);
        }

        foreach (var (node, mirror) in world.Mirrors)
            await CheckMirrorAsync(node, mirror);
        await CheckStrangersAsync(world);
        Check("In quiet times a notice arrives within a minute", world.Late);
    }

    private static void CheckHome(World world, Person person, IReadOnlyList<TimelineEntry> home)
    {
        var known = world.Written.ToDictionary(written => (written.Author.Uri, written.Text));
        var strange = new List<string>();
        var unwanted = new List<string>();
        foreach (var entry in home.Where(entry => entry.Author.Uri.Value != "https://evil.example/user/1"))
        {
            if (!known.TryGetValue((entry.Author.Uri, entry.Notice.Content), out var written))
                strange.Add(entry.Notice.Content);
            else if (written.Author != person && !MayHear(world, person, written))
                unwanted.Add(entry.Notice.Content);
        }

        Check($"Nobody hears what its author never said ({person.Name})", strange);
        Check($"Nobody hears what is not for them, or what they ended ({person.Name})", unwanted);
        Check(
            $"What its author deleted is gone from the node ({person.Name})",
            world.Written.Where(written => written.IsGone && written.Author.Home.Node == person.Home.Node
                && home.Any(entry => entry.Notice.Id == written.Notice!.Id)).Select(written => written.Text));
        Check(
            $"Nothing arrives twice ({person.Name})",
            home.GroupBy(entry => (entry.Author.Uri, entry.Notice.Content)).Where(group => group.Count() > 1).Select(group => group.Key.Content));
        var heard = home.Select(entry => (entry.Author.Uri, entry.Notice.Content)).ToHashSet();
        Check(
            $"Nothing that was acknowledged is lost ({person.Name})",
            world.Written.Where(written => MustHear(world, person, written) && !heard.Contains((written.Author.Uri, written.Text))).Select(written => written.Text));
        foreach (var author in home.Where(entry => known.ContainsKey((entry.Author.Uri, entry.Notice.Content))).GroupBy(entry => entry.Author.Uri))
        {
            var turns = author.Select(entry => known[(author.Key, entry.Notice.Content)].Turn).ToList();
            Check(
                $"What an author says arrives in its order ({person.Name})",
                turns.Zip(turns.Skip(1)).Where(pair => pair.First > pair.Second).Select(pair => $"{author.Key}: {pair.First} before {pair.Second}"));
        }
    }

    private static bool MayHear(World world, Person person, Written written) =>
        world.Ties.TryGetValue((person, written.Author), out var tie) && tie.MayHear(written.Turn)
        && (written.MayLeave || (person.Home.Node == written.Author.Home.Node && written.Visibility != Visibility.Direct));

    private static bool MustHear(World world, Person person, Written written) =>
        written is { Notice: not null, IsDeleted: false }
        && (written.Author == person
            || (world.Ties.TryGetValue((person, written.Author), out var tie) && written.Turn > tie.Since && MayHear(world, person, written)));

    private static async Task CheckNamesAsync(World world, Person person)
    {
        var publishers = await person.Home.Node.CallAsync(node => node.ReadAsync(
            (session, ct) => session.Subscriptions.ListPublishersAsync(person.Home.Profile.Id, null, 100, ct)));
        foreach (var (other, shown) in world.People.Select(other => (other, publishers.FirstOrDefault(entry => entry.Other.Uri == other.Uri)?.Other)))
        {
            if (shown is not null && world.Ties.TryGetValue((person, other), out var tie) && tie.Since is not null)
            {
                Check(
                    $"A listener sees the author's last profile ({person.Name} of {other.Name})",
                    other.PossibleNames.Contains(shown.FullName) ? [] : [$"{shown.FullName} instead of {string.Join(" or ", other.PossibleNames)}"]);
            }
        }
    }

    private static async Task CheckMirrorAsync(SimulatedNode node, HashSet<NoticeUri> mirror)
    {
        var shown = new HashSet<NoticeUri>();
        for (TimelinePosition at = default; ;)
        {
            var (from, page) = (at, await node.CallAsync(host => host.ReadAsync((session, ct) => session.Timelines.PublicAsync(default, PageRequest.NewerThan(at, 200), ct))));
            shown.UnionWith(page.Select(entry => entry.Notice.Uri));
            at = page.Next;
            if (page.Count == 0 || at == from)
                break;
        }

        mirror.SymmetricExceptWith(shown);
        Check($"Whoever follows what is published and deleted has what the node shows ({node.BaseUri.Authority})", mirror.Select(uri => uri.Value));
    }

    private static void CheckNumbers(World world)
    {
        foreach (var node in world.Written.Where(written => written.Notice is not null).GroupBy(written => written.Author.Home.Node))
        {
            var inOrder = node.OrderBy(written => written.Turn).ToList();
            Check(
                $"Numbers grow, whatever the clock does ({node.Key.BaseUri.Authority})",
                inOrder.Zip(inOrder.Skip(1)).Where(pair => pair.First.Notice!.Id >= pair.Second.Notice!.Id).Select(pair => pair.Second.Text));
        }
    }

    private static void CheckWire(World world)
    {
        var hidden = world.Written.Where(written => !written.MayLeave).Select(written => written.Text).ToHashSet();
        var leaks = new List<string>();
        var owners = new Dictionary<string, (string Listenee, string Address)>();
        var crossed = new List<string>();
        var number = 0;
        var ended = new HashSet<string>();
        var deaf = new List<string>();
        foreach (var exchange in world.Network.Transcript.Exchanges)
        {
            number++;
            if (exchange.Method != "POST" || !exchange.Uri.AbsolutePath.EndsWith("/notice", StringComparison.Ordinal) || exchange.From == "evil.example")
                continue;
            var form = HttpUtility.ParseQueryString(Encoding.ASCII.GetString(exchange.Body.Span));
            if (hidden.Contains(form["omb_notice_content"]!))
                leaks.Add(form["omb_notice_content"]!);
            var (token, use) = (form["oauth_token"]!, (form["omb_listenee"]!, exchange.Uri.AbsoluteUri));
            if (!owners.TryAdd(token, use) && owners[token] != use)
                crossed.Add($"{use} after {owners[token]}");
            if (number > world.FirstRound && ended.Contains(token))
                deaf.Add($"#{number} to {exchange.Uri}");
            if (exchange.Statuses.Contains(403))
                ended.Add(token);
        }

        Check("Nothing but public and unlisted notices leaves", leaks);
        Check("A token serves one listenee at one address", crossed);
        Check("After 403 there is silence", deaf);
    }

    private static async Task CheckStrangersAsync(World world)
    {
        var unproven = (await world.Accomplice!.HomeAsync()).Select(entry => entry.Notice).Where(notice => notice.IsRemote).ToList();
        var neighbours = world.People.Where(person => person.Home.Node == world.Accomplice.Node).Select(person => person.Home.Profile.Id);
        foreach (var viewer in neighbours.Append(default))
        {
            var shown = new List<string>();
            foreach (var notice in unproven)
            {
                if (await world.Accomplice.Node.CallAsync(node => node.FindNoticeAsync(notice.Id, viewer)) is not null)
                    shown.Add(notice.Content);
            }

            Check("What is not proven is shown to nobody else", shown);
        }
    }

    private static async Task<IReadOnlyList<TimelineEntry>> ReadAsync(Person person)
    {
        var all = new List<TimelineEntry>();
        while (true)
        {
            var page = await person.Home.Node.CallAsync(node => node.HomeAsync(
                person.Home.Profile.Id, all.Count == 0 ? PageRequest.Newest(200) : PageRequest.OlderThan(all[^1].Position, 200)));
            if (page.Count == 0)
            {
                all.Reverse();
                return all;
            }

            all.AddRange(page);
        }
    }

    private static void Check(string promise, IEnumerable<string> broken)
    {
        var list = broken.Take(5).ToList();
        Assert.True(list.Count == 0, $"{promise}, but: {string.Join("; ", list)}");
    }
}
