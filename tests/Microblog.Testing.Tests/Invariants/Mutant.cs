namespace Microblog.Testing.Tests.Invariants;

internal sealed class Mutant
{
    public void Apply(Microsoft.Extensions.DependencyInjection.MicroblogBuilder builder) => throw new NotImplementedException(builder.ToString());
}
