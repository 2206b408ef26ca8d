namespace Microblog.Samples.Cluster;

/// <summary>What a process does for the node. Any mix will do, as long as somebody answers and somebody delivers.</summary>
internal enum Role
{
    /// <summary>Answers and delivers.</summary>
    Both,

    /// <summary>Answers, and leaves what is to be delivered to others.</summary>
    Web,

    /// <summary>Delivers, and answers nothing but whether it is well.</summary>
    Worker,
}
