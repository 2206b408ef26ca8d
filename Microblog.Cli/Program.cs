using System.CommandLine;
using Microblog.Cli.Conformance;

// Each command is a class of its own; this lists them.
var root = new RootCommand("Tests any OpenMicroBlogging service, and finds out what ails a node.");
root.Add(new ConformanceCommand());

var arguments = root.Parse(args);
if (arguments.Errors.Count == 0)
    return await arguments.InvokeAsync();

// 1 means that a command has found something.
await arguments.InvokeAsync();
return 2;
