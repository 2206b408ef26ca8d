namespace Microblog.Storage.InMemory;

internal sealed class InMemorySettings(InMemorySession session) : ISettingStore
{
    public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) =>
        new(session.State.Settings.GetValueOrDefault(name));

    public ValueTask<string> AddAsync(string name, string value, CancellationToken cancellationToken)
    {
        if (!session.State.Settings.ContainsKey(name))
            Set(name, value);
        return new(session.State.Settings[name]);
    }

    public ValueTask SetAsync(string name, string value, CancellationToken cancellationToken)
    {
        Set(name, value);
        return ValueTask.CompletedTask;
    }

    private void Set(string name, string value) =>
        session.State = session.State with { Settings = session.State.Settings.SetItem(name, value) };
}
