using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;

namespace Microblog.Samples.Node.Accounts;

/// <summary>The application's users with their hashed passwords, in one small table.</summary>
public sealed class AccountStore
{
    private readonly string connectionString;
    private readonly PasswordHasher<string> hasher = new();
    private readonly string nobodysHash;

    public AccountStore(string connectionString)
    {
        this.connectionString = connectionString;
        nobodysHash = hasher.HashPassword("", "nobody's");
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            create table if not exists accounts (
                id integer primary key autoincrement,
                name text not null collate nocase unique,
                password_hash text not null)
            """;
        command.ExecuteNonQuery();
    }

    /// <summary>Adds a user, or answers <see langword="null"/> when the name is taken.</summary>
    public Account? Add(string name, string password)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "insert into accounts (name, password_hash) values ($name, $hash) on conflict do nothing returning id";
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$hash", hasher.HashPassword(name, password));
        return command.ExecuteScalar() is long id ? new Account(id, name, id == 1) : null;
    }

    /// <summary>The user, or <see langword="null"/> when the name or the password is wrong.</summary>
    public Account? Verify(string name, string password)
    {
        var found = Find(name);
        // Somebody who does not exist takes as long as somebody who does.
        var verdict = hasher.VerifyHashedPassword(name, found?.Hash ?? nobodysHash, password);
        return verdict == PasswordVerificationResult.Failed ? null : found?.Account;
    }

    private (Account Account, string Hash)? Find(string name)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select id, name, password_hash from accounts where name = $name";
        command.Parameters.AddWithValue("$name", name);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
            return null;
        var id = reader.GetInt64(0);
        return (new Account(id, reader.GetString(1), id == 1), reader.GetString(2));
    }

    private SqliteConnection Open()
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }
}
