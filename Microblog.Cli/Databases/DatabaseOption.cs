using System.CommandLine;

namespace Microblog.Cli.Databases;

/// <summary>An option that names a database, or the environment variable that stands for it: other users of a machine see a command line,
/// and a password in it.</summary>
internal sealed class DatabaseOption : Option<string>
{
    private readonly string variable;

    public DatabaseOption(string name, string variable, string what)
        : base(name)
    {
        this.variable = variable;
        Description = $"{what}: {NamedDatabase.Shape}. Without it the environment variable {variable} says it.";
        HelpName = "database";
    }

    /// <summary>The one database that most commands are about.</summary>
    public static DatabaseOption TheOne() => new("--database", "MICROBLOG_DATABASE", "The node's database");

    /// <exception cref="FormatException">Neither the option nor the variable names one.</exception>
    public NamedDatabase Read(ParseResult arguments)
    {
        var given = arguments.GetValue(this);
        var text = given ?? Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text))
            throw new FormatException($"Which database? Give {Name}, or set {variable}: {NamedDatabase.Shape}.");
        return NamedDatabase.Read(text) ?? throw new FormatException($"{(given is null ? variable : Name)} names no database. It takes {NamedDatabase.Shape}.");
    }
}
