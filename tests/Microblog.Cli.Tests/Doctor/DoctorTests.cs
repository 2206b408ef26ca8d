using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microblog.Cli.Doctor;
using Microblog.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Cli.Tests.Doctor;

/// <summary>Real nodes behind a real proxy that does one thing wrong: the doctor names that one, and nothing else.</summary>
public sealed class DoctorTests
{
    [Theory]
    [InlineData("")]
    [InlineData("notes/")]
    [InlineData("a/notes/")]
    public async Task A_healthy_node_is_well_in_every_respect(string path)
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, new Uri(proxy.Root, path));
        var found = await LookAsync(new Uri(proxy.Root, path));
        AssertWell(found);
        Assert.Equal(
            [
                "reaching the node", "the clock", "the base URI", "the scheme", "the host", "escapes in the path", "the query", "the Authorization header",
                "discovery by Accept", "discovery by header", "discovery by meta element", "the discovery document",
                "a request signed in the body", "a request signed in the header",
            ],
            found.Where(d => d.Verdict == Verdict.Good).Select(d => d.Question));
        Assert.Contains($"{proxy.Root}{path}operator/checks", Assert.Single(found, d => d.Verdict == Verdict.NotJudged).Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_behind_TLS_whose_proxy_and_application_agree_is_well()
    {
        await using var proxy = new RewritingProxy(tls: true) { Request = request => request.Headers.Add("X-Forwarded-Proto", "https") };
        await using var node = await BehindAsync(proxy, proxy.Root, pipeline: UseForwarded);
        var found = await LookAsync(proxy.Root, proxy.Certificates);
        AssertWell(found);
        Assert.Contains(found, d => d is { Question: "a request signed in the header", Seen: "A request token was asked for and given." });
    }

    [Theory]
    [InlineData(false, "Have the proxy send X-Forwarded-Proto")]
    [InlineData(true, "the application does not use it")]
    public async Task A_proxy_that_ends_TLS_and_an_application_that_does_not_know_are_told_apart(bool says, string change)
    {
        await using var proxy = new RewritingProxy(tls: true) { Request = request => request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", says ? ["https"] : []) };
        await using var node = await BehindAsync(proxy, proxy.Root);
        var patient = Patient(proxy.Root, proxy.Certificates);
        var found = await LookAsync(patient);
        AssertOnly(found, "the scheme", "arrive as http", change);
        Assert.All(found.Where(d => d.Question.StartsWith("a request signed", StringComparison.Ordinal)), d =>
        {
            Assert.Equal(Verdict.NotJudged, d.Verdict);
            Assert.Contains("follows from “the scheme”", d.Seen, StringComparison.Ordinal);
        });
        // The references that were printed are those that the operator finds.
        var refusals = node.Services.GetRequiredService<RefusalLog>();
        Assert.Equal(2, patient.References.Count);
        Assert.All(patient.References, reference => Assert.Equal("TransportInsecure", refusals.Find(reference)!.Refusal.Reason));
    }

    [Fact]
    public async Task A_proxy_that_rewrites_the_host_is_named()
    {
        await using var proxy = new RewritingProxy { Request = request => request.Headers.Host = "inside:5000" };
        await using var node = await BehindAsync(proxy, proxy.Root);
        var found = await LookAsync(proxy.Root);
        AssertOnly(found, "the host", "puts another host into the requests", "proxy_set_header Host");
        Assert.DoesNotContain(found, d => d.Seen.Contains("inside", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_proxy_that_strips_the_path_is_named()
    {
        await using var proxy = new RewritingProxy { Target = target => target.StartsWith("/notes/", StringComparison.Ordinal) ? target["/notes".Length..] : "/elsewhere" };
        await using var node = await BehindAsync(proxy, new Uri(proxy.Root, "notes/"));
        AssertOnly(await LookAsync(new Uri(proxy.Root, "notes/")), "the path", "takes /notes away", "MapMicroblog(path: \"\")");
    }

    [Fact]
    public async Task A_proxy_that_strips_the_path_as_the_application_expects_is_well()
    {
        await using var proxy = new RewritingProxy { Target = target => target["/notes".Length..] };
        await using var node = await BehindAsync(proxy, new Uri(proxy.Root, "notes/"), path: "");
        AssertWell(await LookAsync(new Uri(proxy.Root, "notes/")));
    }

    [Fact]
    public async Task A_node_at_the_root_is_found_when_asked_for_below_a_path()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(new Uri(proxy.Root, "notes/")), "the path", $"answers at {proxy.Root} and not below /notes", "MicroblogOptions.BaseUri");
    }

    [Fact]
    public async Task A_node_whose_base_URI_is_another_host_is_told_which_to_set()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, new Uri("http://old.example/"));
        var found = await LookAsync(proxy.Root);
        AssertOnly(found, "the base URI", $"takes itself for http://old.example/, and it was asked at {proxy.Root}", $"Set MicroblogOptions.BaseUri to {proxy.Root}");
        Assert.Contains(found, d => d.Question == "a request signed in the body" && d.Seen.Contains("signature_invalid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_base_URI_that_says_http_where_people_use_https_is_named()
    {
        await using var proxy = new RewritingProxy(tls: true) { Request = request => request.Headers.Add("X-Forwarded-Proto", "https") };
        await using var node = await BehindAsync(proxy, new Uri(proxy.Root.AbsoluteUri.Replace("https:", "http:", StringComparison.Ordinal)), pipeline: UseForwarded);
        AssertOnly(await LookAsync(proxy.Root, proxy.Certificates), "the base URI", "takes itself for http://localhost", $"Set MicroblogOptions.BaseUri to {proxy.Root}");
    }

    [Fact]
    public async Task A_base_URI_with_another_path_is_not_taken_for_the_proxys_doing()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, new Uri(proxy.Root, "blog/"), path: "/notes");
        AssertOnly(await LookAsync(new Uri(proxy.Root, "notes/")), "the base URI", $"takes itself for {proxy.Root}blog/", $"Set MicroblogOptions.BaseUri to {proxy.Root}notes/");
    }

    [Theory]
    [InlineData(-3600, "3600 seconds behind ours", true)]
    [InlineData(90, "90 seconds ahead of ours", false)]
    public async Task A_wrong_clock_is_the_nodes_when_the_date_of_its_answer_agrees_with_ours(int offset, string seen, bool isBroken)
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(
            proxy, proxy.Root, services: s => s.AddSingleton<TimeProvider>(new WrongClock(TimeSpan.FromSeconds(offset))));
        var found = await LookAsync(proxy.Root);
        // A second may pass on the way.
        var clock = Assert.Single(found, d => d.IsFinding);
        Assert.Equal(("the clock", isBroken ? Verdict.Failure : Verdict.Warning), (clock.Question, clock.Verdict));
        Assert.Matches(seen.Replace("3600", "(3600|3601|3602)", StringComparison.Ordinal).Replace("90", "(88|89|90)", StringComparison.Ordinal), clock.Seen);
        Assert.Contains("it is the node's that is wrong", clock.Seen, StringComparison.Ordinal);
        Assert.Contains("NTP", clock.Change, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_drops_the_Authorization_header_is_named()
    {
        await using var proxy = new RewritingProxy { Request = request => request.Headers.Authorization = null };
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(proxy.Root), "the Authorization header", "drops it", "CGIPassAuth");
    }

    [Theory]
    [InlineData("%2F", "/")]
    [InlineData("%2F", "%2f")]
    public async Task A_proxy_that_decodes_escapes_in_the_path_is_named(string from, string to)
    {
        await using var proxy = new RewritingProxy
        {
            Target = target => target.Split('?') is [var path, .. var query] ? string.Join('?', [path.Replace(from, to, StringComparison.Ordinal), .. query]) : target,
        };
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(proxy.Root), "escapes in the path", "%2F", "AllowEncodedSlashes");
    }

    [Theory]
    [InlineData(true, "drops the query")]
    [InlineData(false, "rewrites the query")]
    public async Task A_proxy_that_changes_the_query_is_named(bool drops, string seen)
    {
        await using var proxy = new RewritingProxy
        {
            Target = target => drops ? target.Split('?')[0]
                : target.Split('?') is [var path, var query] ? $"{path}?{query.Replace("%2F", "/", StringComparison.Ordinal)}" : target,
        };
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(proxy.Root), "the query", seen, "pass the query on");
    }

    [Fact]
    public async Task A_body_that_is_changed_on_the_way_shows_as_a_bad_signature_with_a_reference()
    {
        await using var proxy = new RewritingProxy
        {
            Request = request =>
            {
                if (request.Content is not null && request.RequestUri!.AbsolutePath.EndsWith("request_token", StringComparison.Ordinal))
                    request.Content = new Appended(request.Content);
            },
        };
        await using var node = await BehindAsync(proxy, proxy.Root);
        var patient = Patient(proxy.Root);
        var found = (await LookAsync(patient)).Where(d => d.IsFinding).ToList();
        Assert.Equal(["a request signed in the body", "a request signed in the header"], found.Select(d => d.Question));
        Assert.All(found, d => Assert.Contains("signature_invalid", d.Seen, StringComparison.Ordinal));
        Assert.All(found.Zip(patient.References), pair => Assert.Contains($"Reference {pair.Second}.", pair.First.Seen, StringComparison.Ordinal));
        Assert.All(patient.References, r => Assert.Equal("SignatureInvalid", node.Services.GetRequiredService<RefusalLog>().Find(r)!.Refusal.Reason));
    }

    [Theory]
    [InlineData("X-XRDS-Location", "discovery by header")]
    public async Task A_header_of_answers_that_is_dropped_is_missed(string header, string question)
    {
        await using var proxy = new RewritingProxy { Answer = response => response.Headers.Remove(header) };
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(proxy.Root), question, "does not carry", "pass the answer's headers on");
    }

    [Fact]
    public async Task A_proxy_that_drops_Accept_spoils_the_first_way_of_discovery_alone()
    {
        await using var proxy = new RewritingProxy { Request = request => request.Headers.Accept.Clear() };
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(proxy.Root), "discovery by Accept", "200 text/html", "Vary: Accept");
    }

    [Fact]
    public async Task A_node_that_is_down_is_told_from_a_proxy_that_is()
    {
        await using var proxy = new RewritingProxy { Behind = new Uri("http://127.0.0.1:1/") };
        AssertOnly(await LookAsync(proxy.Root), "reaching the node", "Nobody answers at localhost", "Start the node");
        await proxy.StartAsync();
        AssertOnly(await LookAsync(proxy.Root), "reaching the node", "A proxy answers 502", "Start the node");
    }

    [Fact]
    public async Task A_port_that_answers_without_TLS_is_not_said_to_be_silent()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(new Uri($"https://localhost:{proxy.Root.Port}/")), "reaching the node", "answers, but not with TLS", "Use http://, or let the proxy end TLS");
    }

    [Fact]
    public async Task A_port_that_refuses_plain_http_is_not_said_to_speak_it()
    {
        // As nginx answers on its TLS port.
        await using var proxy = new RewritingProxy { Instead = context => Task.FromResult((context.Response.StatusCode = 400) == 400) };
        await proxy.StartAsync();
        Assert.DoesNotContain("not with TLS", Assert.Single(await LookAsync(new Uri($"https://localhost:{proxy.Root.Port}/"))).Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "alice", true)]
    [InlineData("notes/", "alice", true)]
    [InlineData("", "a/b", false)]
    public async Task A_persons_page_that_is_given_as_the_node_leads_to_person(string path, string page, bool isPerson)
    {
        await using var proxy = new RewritingProxy();
        var root = new Uri(proxy.Root, path);
        await using var node = await BehindAsync(proxy, root);
        var finding = Assert.Single(await LookAsync(new Uri(root, page + "/")));
        Assert.Equal(isPerson, finding.Change.Contains($"If {root} is the public URL, give the doctor that one, or that one and --person alice", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("abcd2345", true)]
    [InlineData("call +44 20 7946 0000 for help", false)]
    [InlineData("<b>", false)]
    public async Task Only_what_can_be_a_reference_is_passed_on_as_one(string header, bool isOne)
    {
        await using var proxy = new RewritingProxy
        {
            Instead = context =>
            {
                context.Response.StatusCode = 403;
                context.Response.Headers[RefusalLog.HeaderName] = header;
                return Task.FromResult(true);
            },
        };
        await proxy.StartAsync();
        var patient = Patient(proxy.Root);
        Assert.Equal(isOne, Assert.Single(await LookAsync(patient)).Seen.Contains(header, StringComparison.Ordinal));
        Assert.Equal(isOne ? [header] : [], patient.References);
    }

    [Fact]
    public async Task A_name_without_an_address_is_said_to_have_none() =>
        AssertOnly(await LookAsync(new Uri("http://nobody.invalid/")), "reaching the node", "has no address", "DNS");

    [Fact]
    public async Task A_captive_page_that_answers_everything_is_not_taken_for_a_node()
    {
        await using var proxy = new RewritingProxy { Instead = PageAsync };
        await proxy.StartAsync();
        AssertOnly(await LookAsync(proxy.Root), "reaching the node", "200 to every address", "DNS");
    }

    [Fact]
    public async Task A_public_URL_that_leads_elsewhere_is_no_base()
    {
        await using var proxy = new RewritingProxy
        {
            Instead = context =>
            {
                context.Response.Redirect("https://www.example/[red]");
                return Task.FromResult(true);
            },
        };
        await proxy.StartAsync();
        AssertOnly(await LookAsync(proxy.Root), "reaching the node", "leads elsewhere: 302 to https://www.example/[red]", "make BaseUri that one");
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_named()
    {
        await using var proxy = new RewritingProxy(tls: true);
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(proxy.Root), "reaching the node", "certificate of localhost", "--trust");
        AssertOnly(
            await LookAsync(new Uri($"https://127.0.0.1:{proxy.Root.Port}/"), proxy.Certificates),
            "reaching the node",
            "RemoteCertificateNameMismatch",
            "names this host");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_site_that_demands_a_signed_in_user_everywhere_is_named(int status)
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root, pipeline: app => app.Use((HttpContext context, RequestDelegate _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }));
        AssertOnly(await LookAsync(proxy.Root), "reaching the node", $"refuses visitors with {status}", "AllowAnonymous()");
    }

    [Fact]
    public async Task An_application_without_the_node_is_none()
    {
        await using var proxy = new RewritingProxy
        {
            Instead = context =>
            {
                context.Response.StatusCode = 404;
                return Task.FromResult(true);
            },
        };
        await proxy.StartAsync();
        AssertOnly(await LookAsync(new Uri(proxy.Root, "notes/")), "reaching the node", "There is no node", "MapMicroblog()");
    }

    [Fact]
    public async Task A_node_that_does_not_speak_the_protocol_is_told_how_to()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root, speaksOmb: false);
        AssertOnly(await LookAsync(proxy.Root), "the base URI", "does not speak OpenMicroBlogging", "AddOmb()");
    }

    [Fact]
    public async Task With_nobody_to_discover_the_signature_is_tried_all_the_same()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root, isEmpty: true);
        var patient = Patient(proxy.Root);
        var found = await LookAsync(patient);
        AssertWell(found);
        Assert.Contains(found, d => d is { Question: "discovery", Verdict: Verdict.NotJudged } && d.Seen.Contains("--person", StringComparison.Ordinal));
        Assert.Contains(found, d => d is { Question: "a request signed in the body", Verdict: Verdict.Good, Seen: "The signature holds." });
        Assert.Empty(patient.References);
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("nobody2", false)]
    [InlineData("../x", false)]
    public async Task Somebody_may_be_named(string person, bool isThere)
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root);
        var found = await LookAsync(Patient(proxy.Root), person);
        if (isThere)
            AssertWell(found);
        else
            AssertOnly(found, "discovery", "cannot be read", "--person");
    }

    [Fact]
    public async Task The_operators_cookie_opens_the_nodes_own_checks()
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root, services: s => s.AddSingleton<INodeCheck>(new SadCheck()));
        var found = await LookAsync(Patient(proxy.Root), cookie: "user=root");
        AssertOnly(found, "inside: the moon", "It has set.", "");
        Assert.Contains(found, d => d is { Question: "inside: delivery queue", Verdict: Verdict.Good });
    }

    [Theory]
    [InlineData("user=alice", "not an operator", "IsOperator")]
    [InlineData("other=1", "nobody who is signed in", "Sign in again")]
    public async Task A_cookie_that_opens_nothing_is_said_to(string cookie, string seen, string change)
    {
        await using var proxy = new RewritingProxy();
        await using var node = await BehindAsync(proxy, proxy.Root);
        AssertOnly(await LookAsync(Patient(proxy.Root), cookie: cookie), "the node's own checks", seen, change);
    }

    [Fact]
    public async Task What_stands_inside_is_bounded_and_judged_by_words_alone()
    {
        var lines = Enumerable.Range(0, 1_000).Select(i => $"{(i == 0 ? "2" : i == 1 ? "7" : i == 2 ? "failure" : "Good")}\tcheck {i}\t{new string('x', 10_000)}\n");
        await using var proxy = new RewritingProxy
        {
            Instead = async context =>
            {
                await context.Response.WriteAsync("microblog-checks 1\n" + string.Concat(lines.Take(90)));
                return true;
            },
        };
        await proxy.StartAsync();
        var patient = Patient(proxy.Root);
        using var network = patient.Network;
        var found = await new OperatorExam(patient).ExamineAsync("user=root", default);
        Assert.Equal(50, found.Count(d => d.Question.StartsWith("inside: ", StringComparison.Ordinal)));
        Assert.All(found, d => Assert.InRange(d.Question.Length + d.Seen.Length, 1, 510));
        Assert.All(found.Take(3), d => Assert.Equal(Verdict.NotJudged, d.Verdict));
        Assert.Contains("more than 50", Assert.Single(found, d => d.IsFinding).Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://nobody.invalid/", true)]
    [InlineData("https://nobody.invalid/", false)]
    [InlineData("http://localhost:1/", false)]
    public async Task A_cookie_that_goes_out_over_plain_http_is_warned_of(string url, bool isWarned)
    {
        var patient = Patient(new Uri(url));
        using var network = patient.Network;
        var found = await new OperatorExam(patient).ExamineAsync("user=root", default);
        Assert.Equal(isWarned, found.Any(d => d is { Question: "the cookie", Verdict: Verdict.Warning } && d.Seen.Contains("plain http", StringComparison.Ordinal)));
    }

    private static void AssertWell(IReadOnlyList<Diagnosis> found) => Assert.Equal("", string.Join('\n', found.Where(d => d.IsFinding)));

    private static void AssertOnly(IReadOnlyList<Diagnosis> found, string question, string seen, string change)
    {
        Assert.Equal([question], found.Where(d => d.IsFinding).Select(d => d.Question));
        var finding = found.Single(d => d.IsFinding);
        Assert.Contains(seen, finding.Seen, StringComparison.Ordinal);
        Assert.Contains(change, finding.Change, StringComparison.Ordinal);
    }

    private static async Task<PatientNode> BehindAsync(
        RewritingProxy proxy,
        Uri baseUri,
        string? path = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? pipeline = null,
        bool isEmpty = false,
        bool speaksOmb = true)
    {
        var node = await PatientNode.StartAsync(baseUri, path, services, pipeline, isEmpty, speaksOmb);
        proxy.Behind = node.Address;
        await proxy.StartAsync();
        return node;
    }

    private static Patient Patient(Uri url, X509Certificate2Collection? trusted = null) =>
        new(url, new DoctorNetwork(TimeProvider.System, trusted ?? []), TimeProvider.System);

    private static Task<IReadOnlyList<Diagnosis>> LookAsync(Uri url, X509Certificate2Collection? trusted = null) => LookAsync(Patient(url, trusted));

    private static async Task<IReadOnlyList<Diagnosis>> LookAsync(Patient patient, string? person = null, string? cookie = null)
    {
        using (patient.Network)
            return await new Examination(patient).RunAsync(person, cookie, default);
    }

    private static async Task<bool> PageAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync("<h1>Welcome to our hotel</h1>");
        return true;
    }

    internal static void UseForwarded(WebApplication app) =>
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedProto });

    private sealed class SadCheck : INodeCheck
    {
        public string Name => "the moon";

        public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken) => new(new Finding(Severity.Failure, "It has set."));
    }

    private sealed class Appended : HttpContent
    {
        private readonly HttpContent inner;

        public Appended(HttpContent inner)
        {
            this.inner = inner;
            Headers.ContentType = inner.Headers.ContentType;
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await inner.CopyToAsync(stream);
            await stream.WriteAsync("&tracked=1"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
