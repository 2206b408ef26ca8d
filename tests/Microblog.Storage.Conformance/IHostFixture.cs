using System.Data.Common;

namespace Microblog.Storage.Conformance;

/// <summary>A store in a database in which a host has a table of its own, <c>post (text)</c>.</summary>
public interface IHostFixture : IStoreFixture
{
    /// <summary>What stands before the name of each of the store's tables.</summary>
    string Prefix { get; }

    /// <summary>What a host says so that its transactions promise less than the store does.</summary>
    string Weakening { get; }

    /// <summary>The remedy that the refusal of such a transaction names.</summary>
    string Remedy { get; }

    /// <summary>An open connection of the host's own, and the table.</summary>
    DbConnection OpenHost();

    /// <summary>An open connection to another database of the same kind.</summary>
    DbConnection OpenElsewhere();
}
