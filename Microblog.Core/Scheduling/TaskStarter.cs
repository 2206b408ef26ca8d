namespace Microblog.Scheduling;

/// <summary>The one place where Core and the protocols start work beside the caller's, so that a simulated network can decide the order.</summary>
public class TaskStarter
{
    /// <summary>Starts work. Whoever starts it awaits the task, or handles its failure inside.</summary>
    public virtual Task Start(Func<Task> work)
    {
#pragma warning disable RS0030 // This is the one task starter.
        return Task.Run(work);
#pragma warning restore RS0030
    }
}
