using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Microblog.Samples.Node.Accounts;

/// <summary>The application's users with their hashed passwords, in the database that all processes share.</summary>
public sealed class AccountStore : IDisposable
{
    private const long CreationLock = 0x6163636f756e74;
    private readonly NpgsqlDataSource source;
    private readonly PasswordHasher<string> hasher = new();
    private readonly string nobodysHash;

    public AccountStore(string connectionString)
    {
        source = NpgsqlDataSource.Create(connectionString);
        nobodysHash = hasher.HashPassword("", "nobody's");
        // Locked, because "if not exists" lets two who ask at once both go on.
        using var command = source.CreateCommand(
            $"""
            begin;
            select pg_advisory_xact_lock({CreationLock});
            create table if not exists accounts (
                id bigint generated always as identity primary key,
                name text not null,
                password_hash text not null);
            create unique index if not exists accounts_name on accounts (lower(name));
            commit
            """);
        command.ExecuteNonQuery();
    }

    /// <summary>Adds a user, or answers <see langword="null"/> when the name is taken.</summary>
    public Account? Add(string name, string password)
    {
        using var command = source.CreateCommand(
            "insert into accounts (name, password_hash) values ($1, $2) on conflict do nothing returning id, not exists (select from accounts)");
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = hasher.HashPassword(name, password) });
        using var reader = command.ExecuteReader();
        return reader.Read() ? new Account(reader.GetInt64(0), name, reader.GetBoolean(1)) : null;
    }

    /// <summary>The user, or <see langword="null"/> when the name or the password is wrong.</summary>
    public Account? Verify(string name, string password)
    {
        var found = Find(name);
        // Somebody who does not exist takes as long as somebody who does.
        var verdict = hasher.VerifyHashedPassword(name, found?.Hash ?? nobodysHash, password);
        return verdict == PasswordVerificationResult.Failed ? null : found?.Account;
    }

    public void Dispose() => source.Dispose();

    private (Account Account, string Hash)? Find(string name)
    {
        using var command = source.CreateCommand(
            "select id, name, password_hash, id = (select min(id) from accounts) from accounts where lower(name) = lower($1)");
        command.Parameters.Add(new() { Value = name });
        using var reader = command.ExecuteReader();
        return reader.Read() ? (new Account(reader.GetInt64(0), reader.GetString(1), reader.GetBoolean(3)), reader.GetString(2)) : null;
    }
}
