using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;

namespace Microblog.Samples.ExistingSite;

/// <summary>The site's own users, as they were before anybody thought of notes.</summary>
public sealed class UserTable
{
    private readonly string connectionString;
    private readonly PasswordHasher<string> hasher = new();

    public UserTable(string connectionString)
    {
        SQLitePCL.Batteries_V2.Init();
        this.connectionString = connectionString;
        using var connection = Open();
        using var create = connection.CreateCommand();
        create.CommandText = "create table if not exists users (id integer primary key, name text not null unique, password_hash text not null)";
        create.ExecuteNonQuery();
        foreach (var name in new[] { "anna", "bert" })
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = "insert into users (name, password_hash) values ($name, $hash) on conflict do nothing";
            insert.Parameters.AddWithValue("$name", name);
            insert.Parameters.AddWithValue("$hash", hasher.HashPassword(name, "password of " + name));
            insert.ExecuteNonQuery();
        }
    }

    /// <summary>The user as the site's cookie will know them, or <see langword="null"/> when name or password is wrong.</summary>
    public ClaimsPrincipal? SignIn(string name, string password)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select id, password_hash from users where name = $name";
        command.Parameters.AddWithValue("$name", name);
        using var reader = command.ExecuteReader();
        return reader.Read() && hasher.VerifyHashedPassword(name, reader.GetString(1), password) != PasswordVerificationResult.Failed
            ? Principal(reader.GetInt64(0), name)
            : null;
    }

    private static ClaimsPrincipal Principal(long id, string name) => new(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, id.ToString(CultureInfo.InvariantCulture)), new(ClaimTypes.Name, name)],
        CookieAuthenticationDefaults.AuthenticationScheme));

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }
}
