using System.CommandLine;
using System.CommandLine.Help;
using Microblog.Cli.Accounts;
using Microblog.Cli.Conformance;
using Microblog.Cli.Databases;
using Microblog.Cli.Doctor;
using Microblog.Cli.Queue;

// Each command is a class of its own; this lists them.
// No RootCommand: that is called as the assembly is, and the tool as people type it.
var root = new Command("microblog", "Tests any OpenMicroBlogging service, finds out what ails a node, looks after its database, and moves accounts.") { new HelpOption(), new VersionOption() };
root.Add(new AccountCommand());
root.Add(new ConformanceCommand());
root.Add(new DatabaseCommand());
root.Add(new DoctorCommand());
root.Add(new QueueCommand());

var arguments = root.Parse(args);
if (arguments.Errors.Count == 0)
    return await arguments.InvokeAsync();

// 1 means that a command has found something.
await arguments.InvokeAsync();
return 2;
