using Microblog.Scheduling;

namespace Microblog.Tests.Delivery;

/// <summary>Chance that always falls on the same part of what is possible.</summary>
internal sealed class FixedChance(double part) : RandomSource
{
    public override int Next(int limit) => Math.Min((int)(part * limit), limit - 1);
}
