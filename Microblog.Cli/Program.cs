using System.CommandLine;

// Each command is a class of its own; this lists them.
var root = new RootCommand("Tests any OpenMicroBlogging service, and finds out what ails a node.");
return await root.Parse(args).InvokeAsync();
